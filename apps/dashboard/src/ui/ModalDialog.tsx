"use client"

/** A dialog over the page: traps the focus, closes by Escape, returns the focus. */

import { Dialog } from "@base-ui/react/dialog"
import { X } from "lucide-react"
import type { ReactNode } from "react"
import { classes } from "./classes.ts"

export type ModalProps = {
  open: boolean
  onClose: () => void
  title: string
  hint?: ReactNode
  children: ReactNode
  footer?: ReactNode
  wide?: boolean
}

export function ModalDialog({ open, onClose, title, hint, children, footer, wide }: ModalProps) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-50 bg-backdrop transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Dialog.Popup
          className={classes(
            "fixed z-50 flex flex-col border border-border bg-overlay text-overlay-foreground shadow-overlay outline-none transition-[opacity,transform] duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0",
            "inset-x-0 bottom-0 max-h-[92dvh] rounded-t-3xl",
            "sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:max-h-[88dvh] sm:w-[calc(100vw-3rem)] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-2xl",
            wide ? "sm:max-w-5xl" : "sm:max-w-lg",
          )}
        >
          <header className="flex items-start gap-3 px-5 pt-5 pb-3">
            <div className="min-w-0 flex-1">
              <Dialog.Title className="font-semibold text-lg">{title}</Dialog.Title>
              {hint !== undefined && <Dialog.Description className="text-muted text-sm">{hint}</Dialog.Description>}
            </div>
            <Dialog.Close aria-label="Close" className="button button--ghost button--sm button--icon-only">
              <X />
            </Dialog.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>
          {footer !== undefined && (
            <footer className="flex flex-wrap justify-end gap-2 border-separator border-t px-5 py-4">{footer}</footer>
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
