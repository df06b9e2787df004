"use client"

import { type FormEvent, useState } from "react"
import { RenameDatasetDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { TextField } from "../../ui/Field.tsx"
import { Modal } from "../../ui/Modal.tsx"

type RenameProps = { dataset: { id: string; name: string }; open: boolean; onClose: () => void }

export function RenameDataset({ dataset, open, onClose }: RenameProps) {
  const [name, setName] = useState(dataset.name)
  const rename = useAct(RenameDatasetDocument, { quiet: true })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if ((await rename.act({ id: dataset.id, name: name.trim() })) !== undefined) onClose()
  }
  return (
    <Modal open={open} onClose={onClose} title="Rename the data set">
      <form onSubmit={submit} className="flex items-end gap-2">
        <TextField
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={rename.refusal?.message}
          maxLength={100}
          autoFocus
          className="flex-1"
        />
        <Button
          type="submit"
          variant="primary"
          busy={rename.busy}
          reason={name.trim() === "" ? "Give it a name." : undefined}
        >
          Rename
        </Button>
      </form>
    </Modal>
  )
}
