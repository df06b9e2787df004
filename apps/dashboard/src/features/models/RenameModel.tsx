"use client"

import { type FormEvent, useState } from "react"
import { UpdateModelDocument } from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button } from "../../ui/Button.tsx"
import { TextField } from "../../ui/Field.tsx"
import { Modal } from "../../ui/Modal.tsx"

type RenameModelProps = {
  model: { id: string; name: string; instancePrompt: string | null }
  onClose: () => void
}

export function RenameModel({ model, onClose }: RenameModelProps) {
  const [name, setName] = useState(model.name)
  const [instancePrompt, setInstancePrompt] = useState(model.instancePrompt ?? "")
  const update = useAct(UpdateModelDocument, { quiet: true })
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const changed = await update.act({ id: model.id, name: name.trim(), instancePrompt: instancePrompt.trim() })
    if (changed !== undefined) onClose()
  }
  return (
    <Modal open onClose={onClose} title="Rename the model">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <TextField
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={update.refusal?.message}
          maxLength={100}
          autoFocus
        />
        <TextField
          label="Instance prompt"
          value={instancePrompt}
          onChange={(event) => setInstancePrompt(event.target.value)}
          hint="The words that call the subject; Generate begins with them."
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
