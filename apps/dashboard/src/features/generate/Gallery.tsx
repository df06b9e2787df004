"use client"

/** Everything that was made: search, favourites, boards; one image in large with its settings and its origin. */

import { useQuery } from "@apollo/client/react"
import { FolderPlus, GitCompare, Heart, Share2, Sparkles, Trash2 } from "lucide-react"
import { useDeferredValue, useEffect, useRef, useState } from "react"
import {
  BoardsDocument,
  CreateBoardDocument,
  DeleteGeneratedImagesDocument,
  GalleryDocument,
  type GalleryImageFragment,
  MoveToBoardDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, IconButton } from "../../ui/Button.tsx"
import { Confirm } from "../../ui/Confirm.tsx"
import { classes } from "../../ui/classes.ts"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { count } from "../../ui/format.ts"
import { Menu } from "../../ui/Menu.tsx"
import { SearchField } from "../../ui/SearchField.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { ShareDialog } from "../sharing/ShareDialog.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import { useSession } from "../shell/Session.tsx"
import { CompareImages } from "./CompareImages.tsx"
import { ImageViewer } from "./ImageViewer.tsx"
import { NameBoard } from "./NameBoard.tsx"
import type { Recalled } from "./recall.ts"

type GalleryProps = {
  onRecall: (settings: Recalled, what: "prompt" | "seed" | "all") => void
  onStartFrom: (image: GalleryImageFragment) => void
}

export function Gallery({ onRecall, onStartFrom }: GalleryProps) {
  const { team, readOnly } = useSession()
  const [search, setSearch] = useState("")
  const [favourites, setFavourites] = useState(false)
  const [boardId, setBoardId] = useState("")
  const [opened, setOpened] = useState<string>()
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [dialog, setDialog] = useState<"compare" | "delete" | "share" | "name">()
  const wanted = useDeferredValue(search)
  const query = useQuery(GalleryDocument, {
    variables: { teamId: team.id, search: wanted || null, favourite: favourites || null, boardId: boardId || null },
    fetchPolicy: "cache-and-network",
  })
  const boards = useQuery(BoardsDocument, { variables: { teamId: team.id } }).data?.boards ?? []
  const move = useAct(MoveToBoardDocument, { refetch: ["Gallery", "Boards"] })
  const createBoard = useAct(CreateBoardDocument, { refetch: ["Boards"] })
  const remove = useAct(DeleteGeneratedImagesDocument, { refetch: ["Gallery", "Boards"] })
  const images = query.data?.generatedImages.edges.map(({ node }) => node) ?? []
  const page = query.data?.generatedImages.pageInfo
  const more = () => page?.hasNextPage && void query.fetchMore({ variables: { after: page.endCursor ?? null } })
  const board = boards.find((one) => one.id === boardId)
  const filtered = wanted !== "" || favourites || boardId !== ""
  const [first, second] = chosen.map((id) => images.find((image) => image.id === id))
  const toggle = (id: string) => setChosen((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id]))
  const nameNow = async (name: string) => {
    const made = await createBoard.act({ teamId: team.id, name })
    if (made === undefined) return
    if (chosen.length > 0) await move.act({ imageIds: [...chosen], boardId: made.id })
    setChosen([])
    setDialog(undefined)
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
        {board !== undefined && (
          <IconButton
            label={`Share ${board.name}`}
            size="md"
            variant="tertiary"
            icon={<Share2 />}
            onClick={() => setDialog("share")}
            tipAlign="end"
          />
        )}
      </div>
      {chosen.length > 0 && (
        <div
          role="status"
          className="flex flex-wrap items-center gap-2 rounded-xl bg-accent-soft px-3 py-2 text-accent-soft-foreground text-sm"
        >
          <span className="flex-1">{count(chosen.length, "image")} chosen</span>
          <Button
            size="sm"
            reason={chosen.length === 2 ? undefined : "Choose exactly two to compare them."}
            onClick={() => setDialog("compare")}
          >
            <GitCompare /> Compare
          </Button>
          <Menu
            trigger={
              <Button size="sm">
                <FolderPlus /> To a board
              </Button>
            }
            entries={[
              ...boards.map((one) => ({
                label: one.name,
                onSelect: async () => (await move.act({ imageIds: [...chosen], boardId: one.id })) && setChosen([]),
              })),
              ...(boards.length > 0 ? (["separator"] as const) : []),
              { label: "A new board", icon: <FolderPlus />, onSelect: () => setDialog("name") },
            ]}
          />
          <Button size="sm" variant="danger-soft" reason={readOnly} onClick={() => setDialog("delete")}>
            <Trash2 /> Delete
          </Button>
          <Button size="sm" variant="ghost" onClick={() => setChosen([])}>
            None
          </Button>
        </div>
      )}
      <QueryState query={query} skeleton={<Skeleton className="h-80" />}>
        {() =>
          images.length === 0 ? (
            <EmptyState
              icon={<Sparkles />}
              title={filtered ? "No image matches" : "Your images appear here"}
              className="rounded-2xl border border-border border-dashed bg-surface"
              {...(filtered
                ? {
                    actions: (
                      <Button
                        onClick={() => {
                          setSearch("")
                          setFavourites(false)
                          setBoardId("")
                        }}
                      >
                        Show all
                      </Button>
                    ),
                  }
                : {})}
            >
              {!filtered && "Write a prompt and press Generate. You can watch the image come out of the noise."}
            </EmptyState>
          ) : (
            <>
              <ul className="grid grid-cols-2 gap-2 sm:grid-cols-3 xl:grid-cols-4">
                {images.map((image) => (
                  <Tile
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
      {dialog === "compare" && first !== undefined && second !== undefined && (
        <CompareImages first={first} second={second} onClose={() => setDialog(undefined)} />
      )}
      {dialog === "share" && board !== undefined && (
        <ShareDialog kind="BOARD" targetId={board.id} name={board.name} onClose={() => setDialog(undefined)} />
      )}
      {dialog === "name" && <NameBoard busy={createBoard.busy} onName={nameNow} onClose={() => setDialog(undefined)} />}
      <Confirm
        open={dialog === "delete"}
        onClose={() => setDialog(undefined)}
        title={`Delete ${count(chosen.length, "image")}?`}
        action="Delete"
        onConfirm={async () => {
          await remove.act({ ids: [...chosen] })
          setChosen([])
        }}
      >
        They cannot be brought back; the same settings and seed draw them again.
      </Confirm>
    </section>
  )
}

type TileProps = { image: GalleryImageFragment; chosen: boolean; onToggle: () => void; onOpen: () => void }

function Tile({ image, chosen, onToggle, onOpen }: TileProps) {
  return (
    <li
      className={classes(
        "group relative overflow-hidden rounded-xl bg-surface-secondary",
        chosen && "ring-2 ring-accent",
      )}
    >
      <button
        type="button"
        onClick={onOpen}
        className="block w-full outline-offset-[-3px]"
        aria-label={`Open: ${image.prompt}`}
      >
        <img
          src={image.thumbnailUrl}
          alt=""
          loading="lazy"
          width={image.width}
          height={image.height}
          className="aspect-square w-full object-cover"
        />
      </button>
      <label
        className={classes(
          "absolute top-1.5 left-1.5 grid size-8 cursor-pointer place-items-center rounded-lg bg-black/55 transition-opacity focus-within:opacity-100 group-hover:opacity-100 [@media(hover:hover)]:opacity-0",
          chosen && "opacity-100!",
        )}
      >
        <span className="sr-only">Choose: {image.prompt}</span>
        <input type="checkbox" checked={chosen} onChange={onToggle} className="size-4 accent-[var(--accent)]" />
      </label>
      {image.favourite && (
        <Heart
          aria-label="Favourite"
          className="absolute top-2.5 right-2.5 size-4.5 fill-white text-white drop-shadow"
        />
      )}
    </li>
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
