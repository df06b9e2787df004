"use client"

import { type FormEvent, useState } from "react"
import { UpdateRunDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { TextArea, TextField } from "../../ui/Field.tsx"
import { Modal } from "../../ui/Modal.tsx"

export function EditRun({ run, onClose }: { run: { id: string; name: string; notes: string }; onClose: () => void }) {
  const [name, setName] = useState(run.name)
  const [notes, setNotes] = useState(run.notes)
  const update = useAct(UpdateRunDocument, { quiet: true })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if ((await update.act({ id: run.id, name: name.trim(), notes })) !== undefined) onClose()
  }
  return (
    <Modal open onClose={onClose} title="Name and notes">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={100}
          error={update.refusal?.message}
        />
        <TextArea
          label="Notes"
          rows={6}
          value={notes}
          onChange={(event) => setNotes(event.target.value)}
          hint="What you tried and what you saw."
        />
        <Button
          type="submit"
          variant="primary"
          busy={update.busy}
          reason={name.trim() === "" ? "Give it a name." : undefined}
          className="self-end"
        >
          Save
        </Button>
      </form>
    </Modal>
  )
}
