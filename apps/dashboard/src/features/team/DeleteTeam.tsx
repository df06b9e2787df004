"use client"

import { type FormEvent, useState } from "react"
import { DeleteTeamDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { TextField } from "../../ui/Field.tsx"
import { Modal } from "../../ui/Modal.tsx"

type DeleteTeamProps = { team: { id: string; name: string }; onDeleted: () => void; onClose: () => void }

/** The team and all its work; its name is typed, so that nobody does it by accident. */
export function DeleteTeam({ team, onDeleted, onClose }: DeleteTeamProps) {
  const [name, setName] = useState("")
  const remove = useAct(DeleteTeamDocument, { quiet: true })
  const right = name.trim() === team.name
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (right && (await remove.act({ id: team.id, name: name.trim() })) !== undefined) onDeleted()
  }
  return (
    <Modal
      open
      onClose={onClose}
      title={`Delete ${team.name}?`}
      hint="All its data sets, runs, images, models and links are gone then, for every member. What was published stays on the Hub."
    >
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="The team's name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={remove.refusal?.message}
          hint="Type it to say that you mean it."
          autoComplete="off"
          autoFocus
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep</Button>
          <Button
            type="submit"
            variant="danger"
            busy={remove.busy}
            reason={right ? undefined : `Type “${team.name}” first.`}
          >
            Delete the team
          </Button>
        </div>
      </form>
    </Modal>
  )
}
