"use client"

import { type FormEvent, useState } from "react"
import { Button } from "../../ui/Button.tsx"
import { TextField } from "../../ui/Field.tsx"
import { Modal } from "../../ui/Modal.tsx"
import { PullDataset } from "../hub/PullDataset.tsx"

type NewDatasetProps = {
  open: boolean
  onClose: () => void
  onCreate: (name: string) => void
  busy: boolean
  problem: string | undefined
}

export function NewDataset({ open, onClose, onCreate, busy, problem }: NewDatasetProps) {
  const [name, setName] = useState("")
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== "") onCreate(name.trim())
  }
  return (
    <Modal open={open} onClose={onClose} title="New data set" hint="A home for the pictures of one subject.">
      <form onSubmit={submit} className="flex items-end gap-2">
        <TextField
          label="Name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          placeholder="My red backpack"
          maxLength={100}
          autoFocus
          error={problem}
          className="flex-1"
        />
        <Button
          type="submit"
          variant="primary"
          busy={busy}
          reason={name.trim() === "" ? "Give it a name first." : undefined}
        >
          Create
        </Button>
      </form>
      <div className="my-5 flex items-center gap-3 text-muted text-xs before:h-px before:flex-1 before:bg-separator after:h-px after:flex-1 after:bg-separator">
        or
      </div>
      <PullDataset onStarted={onClose} />
    </Modal>
  )
}
