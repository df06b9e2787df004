"use client"

import { Ellipsis, Pencil, Share2, Trash2 } from "lucide-react"
import { useState } from "react"
import { DeleteBoardDocument, RenameBoardDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { IconButton } from "../../ui/Button.tsx"
import { Confirm } from "../../ui/Confirm.tsx"
import { Menu } from "../../ui/Menu.tsx"
import { ShareDialog } from "../sharing/ShareDialog.tsx"
import { NameBoard } from "./NameBoard.tsx"

type BoardMenuProps = { board: { id: string; name: string }; onDeleted: () => void }

/** What can be done with the board that is shown. */
export function BoardMenu({ board, onDeleted }: BoardMenuProps) {
  const [dialog, setDialog] = useState<"share" | "rename" | "delete">()
  const rename = useAct(RenameBoardDocument)
  const remove = useAct(DeleteBoardDocument, { refetch: ["Gallery", "Boards"] })
  const close = () => setDialog(undefined)
  return (
    <>
      <Menu
        trigger={
          <IconButton label={`More of ${board.name}`} size="md" variant="tertiary" icon={<Ellipsis />} tipAlign="end" />
        }
        entries={[
          { label: "Share", icon: <Share2 />, onSelect: () => setDialog("share") },
          { label: "Rename", icon: <Pencil />, onSelect: () => setDialog("rename") },
          "separator",
          { label: "Delete the board", icon: <Trash2 />, onSelect: () => setDialog("delete"), danger: true },
        ]}
      />
      {dialog === "share" && <ShareDialog kind="BOARD" targetId={board.id} name={board.name} onClose={close} />}
      {dialog === "rename" && (
        <NameBoard
          title={`Rename ${board.name}`}
          name={board.name}
          busy={rename.busy}
          onName={async (name) => (await rename.act({ id: board.id, name })) !== undefined && close()}
          onClose={close}
        />
      )}
      <Confirm
        open={dialog === "delete"}
        onClose={close}
        title={`Delete the board ${board.name}?`}
        action="Delete the board"
        onConfirm={async () => (await remove.act({ id: board.id })) !== undefined && onDeleted()}
      >
        Its images stay in the gallery. Links that share it show nothing any more.
      </Confirm>
    </>
  )
}
