"use client"

/** Everything that was made: search, favourites, boards; one image in large with its settings and its origin. */

import { useQuery } from "@apollo/client/react"
import { Heart, Sparkles } from "lucide-react"
import dynamic from "next/dynamic"
import { useDeferredValue, useEffect, useRef, useState } from "react"
import { BoardsDocument, GalleryDocument, type GalleryImageFragment } from "../../graphql/generated/graphql.ts"
import { Button, IconButton } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { SearchField } from "../../ui/SearchField.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { GalleryTile } from "./GalleryTile.tsx"
import type { RecallPart } from "./generation.ts"
import type { Recalled } from "./recall.ts"
import { useImageKeys } from "./useImageKeys.ts"

// Nothing of these is there at first. Who comes near an image may open it: the viewer is fetched then.
const viewer = () => import("./ImageViewer.tsx").then((module) => module.ImageViewer)
const ImageViewer = dynamic(viewer, { ssr: false })
const BoardMenu = dynamic(() => import("./BoardMenu.tsx").then((module) => module.BoardMenu), { ssr: false })
const ChosenImages = dynamic(() => import("./ChosenImages.tsx").then((module) => module.ChosenImages), { ssr: false })

type GalleryProps = {
  /** The board to begin with; empty for all images. */
  board: string
  onRecall: (settings: Recalled, what: RecallPart) => void
  onStartFrom: (image: GalleryImageFragment) => void
}

export function Gallery({ board, onRecall, onStartFrom }: GalleryProps) {
  const { team } = useSession()
  const [search, setSearch] = useState("")
  const [favourites, setFavourites] = useState(false)
  const [boardId, setBoardId] = useState(board)
  const [opened, setOpened] = useState<string>()
  const [chosen, setChosen] = useState<readonly string[]>([])
  const wanted = useDeferredValue(search)
  const query = useQuery(GalleryDocument, {
    variables: { teamId: team.id, search: wanted || null, favourite: favourites || null, boardId: boardId || null },
    fetchPolicy: "cache-and-network",
  })
  const boards = useQuery(BoardsDocument, { variables: { teamId: team.id } }).data?.boards ?? []
  // While another search is on its way the images of the last one stay, so that nothing jumps.
  const connection = (query.data ?? query.previousData)?.generatedImages
  // What has just left the board is still in the list's later pages.
  const images = (connection?.edges ?? []).flatMap(({ node }) =>
    boardId === "" || query.data === undefined || node.board?.id === boardId ? node : [],
  )
  const page = connection?.pageInfo
  const more = () => page?.hasNextPage && void query.fetchMore({ variables: { after: page.endCursor ?? null } })
  const shown = boards.find((one) => one.id === boardId)
  const filtered = wanted !== "" || favourites || boardId !== ""
  const toggle = (id: string) => setChosen((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id]))
  const chosenImages = chosen.flatMap((id) => images.find((image) => image.id === id) ?? [])
  useImageKeys({ images, onRecall, onToggle: toggle })
  const showAll = () => {
    setSearch("")
    setFavourites(false)
    setBoardId("")
  }

  return (
    <section aria-label="Gallery" className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <SearchField label="Search prompts" value={search} onChange={setSearch} className="min-w-48 flex-1" />
        <IconButton
          label="Favourites only"
          aria-pressed={favourites}
          size="md"
          variant={favourites ? "secondary" : "tertiary"}
          icon={<Heart className={favourites ? "fill-current" : ""} />}
          onClick={() => setFavourites(!favourites)}
          tipAlign="end"
        />
        <select
          aria-label="Board"
          className="field w-40!"
          value={boardId}
          onChange={(event) => setBoardId(event.target.value)}
        >
          <option value="">All boards</option>
          {boards.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name} ({one.imageCount})
            </option>
          ))}
        </select>
        {shown !== undefined && <BoardMenu board={shown} onDeleted={() => setBoardId("")} />}
      </div>
      {chosenImages.length > 0 && <ChosenImages images={chosenImages} boards={boards} onNone={() => setChosen([])} />}
      <QueryState query={{ ...query, data: connection }} skeleton={<Skeleton className="h-80" />}>
        {() =>
          images.length === 0 ? (
            <EmptyState
              icon={<Sparkles />}
              title={filtered ? "No image matches" : "Your images appear here"}
              className="rounded-2xl border border-border border-dashed bg-surface"
              actions={filtered ? <Button onClick={showAll}>Show all</Button> : undefined}
            >
              {filtered
                ? "Images are found by the words of their prompts."
                : "Write a prompt and press Generate. You can watch the image come out of the noise."}
            </EmptyState>
          ) : (
            <>
              <ul onPointerEnter={() => void viewer()} className="grid grid-cols-2 gap-2 sm:grid-cols-3 xl:grid-cols-4">
                {images.map((image) => (
                  <GalleryTile
                    key={image.id}
                    image={image}
                    chosen={chosen.includes(image.id)}
                    onToggle={() => toggle(image.id)}
                    onOpen={() => setOpened(image.id)}
                  />
                ))}
              </ul>
              {page?.hasNextPage && <Sentinel onSeen={more} />}
            </>
          )
        }
      </QueryState>
      {opened !== undefined && (
        <ImageViewer
          id={opened}
          ids={images.map((image) => image.id)}
          onOpen={setOpened}
          onClose={() => setOpened(undefined)}
          onRecall={onRecall}
          onStartFrom={(image) => {
            onStartFrom(image)
            setOpened(undefined)
          }}
        />
      )}
    </section>
  )
}

/** Asks for more when it comes near the screen. */
function Sentinel({ onSeen }: { onSeen: () => void }) {
  const element = useRef<HTMLDivElement>(null)
  const latest = useRef(onSeen)
  latest.current = onSeen
  useEffect(() => {
    const { current } = element
    if (current === null) return
    const watch = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && latest.current(),
      { rootMargin: "600px" },
    )
    watch.observe(current)
    return () => watch.disconnect()
  })
  return <div ref={element} className="h-10" />
}
