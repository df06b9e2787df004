"use client"

import { type FormEvent, useState } from "react"
import { RenameTeamDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { TextField } from "../../ui/Field.tsx"
import { Modal } from "../../ui/Modal.tsx"

type NameTeamProps = { onClose: () => void } & (
  | { team: { id: string; name: string } }
  | { busy: boolean; onName: (name: string) => void }
)

/** Renames a team, or names a new one. */
export function NameTeam({ onClose, ...props }: NameTeamProps) {
  const renaming = "team" in props
  const [name, setName] = useState(renaming ? props.team.name : "")
  const rename = useAct(RenameTeamDocument, { refetch: ["Viewer"] })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!renaming) props.onName(name.trim())
    else if ((await rename.act({ id: props.team.id, name: name.trim() })) !== undefined) onClose()
  }
  return (
    <Modal open onClose={onClose} title={renaming ? "Rename the team" : "A new team"}>
      <form onSubmit={submit} className="flex items-end gap-2">
        <TextField
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={80}
          autoFocus
          className="flex-1"
        />
        <Button
          type="submit"
          variant="primary"
          busy={renaming ? rename.busy : props.busy}
          reason={name.trim() === "" ? "Give it a name." : undefined}
        >
          {renaming ? "Rename" : "Make it"}
        </Button>
      </form>
    </Modal>
  )
}
