"use client"

import { type FormEvent, useState } from "react"
import { Button } from "../../ui/Button.tsx"
import { TextField } from "../../ui/Field.tsx"
import { Modal } from "../../ui/Modal.tsx"

export function NameBoard({
  busy,
  onName,
  onClose,
}: {
  busy: boolean
  onName: (name: string) => void
  onClose: () => void
}) {
  const [name, setName] = useState("")
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onName(name.trim())
  }
  return (
    <Modal open onClose={onClose} title="A new board">
      <form onSubmit={submit} className="flex items-end gap-2">
        <TextField
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          autoFocus
          maxLength={80}
          className="flex-1"
        />
        <Button type="submit" variant="primary" busy={busy} reason={name.trim() === "" ? "Give it a name." : undefined}>
          Make it
        </Button>
      </form>
    </Modal>
  )
}
