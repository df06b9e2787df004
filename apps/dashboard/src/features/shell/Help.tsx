"use client"

/** "?": every key that works on this page. */

import { useRouter } from "next/navigation"
import { useEffect, useState, useSyncExternalStore } from "react"
import { keyNames } from "../../shortcuts/keyNames.ts"
import { listShortcuts, onShortcutsChanged, registerShortcut } from "../../shortcuts/shortcuts.ts"
import { useShortcut } from "../../shortcuts/useShortcut.ts"
import { Modal } from "../../ui/Modal.tsx"
import { Shortcut } from "../../ui/Shortcut.tsx"
import { places } from "./navigation.ts"
import { onOpen } from "./overlays.ts"

const nothing: readonly never[] = []

export function Help() {
  const [open, setOpen] = useState(false)
  const router = useRouter()
  useShortcut("?", "Show these keys", "Everywhere", () => setOpen(true))
  useShortcut("/", "Search on this page", "Everywhere", () => {
    document.querySelector<HTMLInputElement>("input[type=search]")?.focus()
  })
  useEffect(() => onOpen("help", () => setOpen(true)), [])
  useEffect(() => {
    const remove = places.map(({ keys, label, href }) =>
      registerShortcut({ keys, label: `Go to ${label}`, group: "Go", run: () => router.push(href) }),
    )
    return () => {
      for (const each of remove) each()
    }
  }, [router])
  const shortcuts = useSyncExternalStore(onShortcutsChanged, listShortcuts, () => nothing)
  const groups = Map.groupBy(shortcuts, (shortcut) => shortcut.group)
  return (
    <Modal open={open} onClose={() => setOpen(false)} title="Keys">
      <div className="grid gap-x-10 gap-y-5 sm:grid-cols-2">
        {[...groups].map(([group, members]) => (
          <section key={group}>
            <h3 className="mb-1.5 font-medium text-muted text-xs">{group}</h3>
            <dl className="flex flex-col gap-1.5">
              {members.map(({ keys, label }) => (
                <div key={keys} className="flex items-center justify-between gap-3 text-sm">
                  <dt>{label}</dt>
                  <dd className="flex gap-1">
                    {keyNames(keys).map((key) => (
                      <Shortcut key={key}>{key}</Shortcut>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  )
}
