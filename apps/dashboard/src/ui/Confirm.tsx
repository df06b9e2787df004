"use client"

/** Asks before what cannot be taken back. */

import { type ReactNode, useState } from "react"
import { Button } from "./Button.tsx"
import { Modal } from "./Modal.tsx"

type ConfirmProps = {
  open: boolean
  onClose: () => void
  title: string
  children: ReactNode
  /** The deed in the imperative: "Delete 3 pictures". */
  action: string
  onConfirm: () => Promise<unknown> | unknown
}

export function Confirm({ open, onClose, title, children, action, onConfirm }: ConfirmProps) {
  const [busy, setBusy] = useState(false)
  const confirm = async () => {
    setBusy(true)
    await onConfirm()
    setBusy(false)
    onClose()
  }
  return (
    <Modal
      open={open}
      onClose={onClose}
      title={title}
      footer={
        <>
          <Button variant="tertiary" onClick={onClose}>
            Keep
          </Button>
          <Button variant="danger" busy={busy} onClick={confirm}>
            {action}
          </Button>
        </>
      }
    >
      <div className="text-muted text-sm">{children}</div>
    </Modal>
  )
}
