"use client"

import { useEffect } from "react"
import { findShortcut, readKeys } from "./shortcuts.ts"

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.matches("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select"))

/** Listens once for the whole studio. Keys typed into fields and dialogs are left alone. */
export function useKeyboard() {
  useEffect(() => {
    const press = readKeys(findShortcut, () => performance.now())
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault()
        press("mod+k")
        return
      }
      if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented || typing(event.target)) return
      if (document.querySelector("[role=dialog], [role=menu]") !== null) return
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
      if (press(key)) event.preventDefault()
    }
    window.addEventListener("keydown", onKey)
    return () => window.removeEventListener("keydown", onKey)
  }, [])
}
