"use client"

import { type FormEvent, useState } from "react"
import { Button } from "../../ui/Button.tsx"
import { TextField } from "../../ui/Field.tsx"
import { Modal } from "../../ui/Modal.tsx"

type NameBoardProps = {
  title: string
  name?: string
  busy: boolean
  onName: (name: string) => unknown
  onClose: () => void
}

export function NameBoard({ title, name: before = "", busy, onName, onClose }: NameBoardProps) {
  const [name, setName] = useState(before)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== "") onName(name.trim())
  }
  return (
    <Modal open onClose={onClose} title={title}>
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
          {before === "" ? "Make it" : "Rename"}
        </Button>
      </form>
    </Modal>
  )
}
