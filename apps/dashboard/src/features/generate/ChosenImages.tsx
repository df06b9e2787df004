"use client"

/** What can be done with the images that are chosen in the gallery. */

import { useApolloClient } from "@apollo/client/react"
import { FolderMinus, FolderPlus, GitCompare, Heart, Trash2 } from "lucide-react"
import { useState } from "react"
import {
  CreateBoardDocument,
  DeleteGeneratedImagesDocument,
  type GalleryImageFragment,
  MoveToBoardDocument,
  SetFavouriteDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { Confirm } from "../../ui/Confirm.tsx"
import { count } from "../../ui/format.ts"
import { Menu } from "../../ui/Menu.tsx"
import { useSession } from "../shell/Session.tsx"
import { CompareImages } from "./CompareImages.tsx"
import { NameBoard } from "./NameBoard.tsx"

type ChosenImagesProps = {
  images: readonly GalleryImageFragment[]
  boards: readonly { id: string; name: string }[]
  onNone: () => void
}

export function ChosenImages({ images, boards, onNone }: ChosenImagesProps) {
  const client = useApolloClient()
  const { team, readOnly } = useSession()
  const [dialog, setDialog] = useState<"compare" | "delete" | "name">()
  const move = useAct(MoveToBoardDocument, { refetch: ["Gallery", "Boards"] })
  const create = useAct(CreateBoardDocument, { refetch: ["Boards"] })
  const favour = useAct(SetFavouriteDocument)
  const remove = useAct(DeleteGeneratedImagesDocument, { refetch: ["Gallery", "Boards"] })
  const imageIds = images.map(({ id }) => id)
  const [first, second] = images
  const close = () => setDialog(undefined)
  const moveTo = async (boardId: string | null) => (await move.act({ imageIds, boardId })) !== undefined && onNone()
  const moveToNew = async (name: string) => {
    const made = await create.act({ teamId: team.id, name })
    if (made === undefined) return
    close()
    await moveTo(made.id)
  }
  const deleteNow = async () => {
    if ((await remove.act({ ids: imageIds })) === undefined) return
    // The list is asked for again page by page; what is gone leaves all of them at once.
    for (const image of images) client.cache.evict({ id: client.cache.identify(image) ?? "" })
    onNone()
  }
  const allFavourite = images.every(({ favourite }) => favourite)
  return (
    <div
      role="status"
      className="sticky top-14 z-20 flex flex-wrap items-center gap-2 rounded-xl border border-border bg-accent-soft px-3 py-2 text-accent-soft-foreground text-sm md:top-3"
    >
      <span className="flex-1 whitespace-nowrap">{count(images.length, "image")} chosen</span>
      <Button
        size="sm"
        reason={images.length === 2 ? undefined : "Choose exactly two to compare them."}
        onClick={() => setDialog("compare")}
      >
        <GitCompare /> Compare
      </Button>
      <Button
        size="sm"
        reason={readOnly}
        busy={favour.busy}
        onClick={() => favour.act({ imageIds, favourite: !allFavourite })}
      >
        <Heart className={allFavourite ? "fill-current" : ""} /> Favourite
      </Button>
      {readOnly === undefined && (
        <Menu
          trigger={
            <Button size="sm">
              <FolderPlus /> To a board
            </Button>
          }
          entries={[
            ...boards.map((one) => ({ label: one.name, onSelect: () => void moveTo(one.id) })),
            ...(boards.length > 0 ? (["separator"] as const) : []),
            { label: "A new board", icon: <FolderPlus />, onSelect: () => setDialog("name") },
            ...(images.some(({ board }) => board !== null)
              ? [{ label: "Off its board", icon: <FolderMinus />, onSelect: () => void moveTo(null) }]
              : []),
          ]}
        />
      )}
      <Button size="sm" variant="danger-soft" reason={readOnly} onClick={() => setDialog("delete")}>
        <Trash2 /> Delete
      </Button>
      <Button size="sm" variant="ghost" onClick={onNone}>
        None
      </Button>
      {dialog === "compare" && first !== undefined && second !== undefined && (
        <CompareImages first={first} second={second} onClose={close} />
      )}
      {dialog === "name" && <NameBoard title="A new board" busy={create.busy} onName={moveToNew} onClose={close} />}
      <Confirm
        open={dialog === "delete"}
        onClose={close}
        title={`Delete ${count(images.length, "image")}?`}
        action="Delete"
        onConfirm={deleteNow}
      >
        They cannot be brought back; the same settings and seed draw them again.
      </Confirm>
    </div>
  )
}
