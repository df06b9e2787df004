"use client"

import { useEffect } from "react"
import { findShortcut, readKeys } from "./shortcuts.ts"

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.matches("input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select"))

/** Buttons and links act on Enter themselves. */
const acting = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest("button, a, summary, [role=tab]") !== null

const dialogOpen = () => document.querySelector("[role=dialog], [role=menu]") !== null

/** Listens once for the whole studio. Keys typed into fields and dialogs are left alone, but for those with ⌘ or Ctrl. */
export function useKeyboard() {
  useEffect(() => {
    const press = readKeys(findShortcut, () => performance.now())
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey) return
      if (event.key === "Tab") void import("./keepFocus.ts").then(({ keepFocus }) => keepFocus())
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
      if (event.metaKey || event.ctrlKey) {
        const keys = `mod+${key}`
        // The palette goes over everything; what else there is belongs to the page behind.
        if (keys !== "mod+k" && dialogOpen()) return
        if (findShortcut(keys) !== undefined && press(keys)) event.preventDefault()
        return
      }
      if (typing(event.target) || dialogOpen() || (key === "Enter" && acting(event.target))) return
      if (press(key)) event.preventDefault()
    }
    window.addEventListener("keydown", onKey)
    return () => window.removeEventListener("keydown", onKey)
  }, [])
}
