"use client"

import { toast } from "./toast.ts"

/** Puts a text into the clipboard and says so. Pages without TLS have no clipboard; there the old command does it. */
export async function copyText(text: string, said = "Copied.", description?: string) {
  const copied = await navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  )
  if (copied === true || copyBySelection(text)) toast.success(said, description === undefined ? {} : { description })
  else toast.error("The browser does not let this page copy; select the text and copy it yourself.")
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea")
  area.value = text
  area.className = "sr-only"
  // Inside an open dialog, which keeps the focus to itself.
  const place = document.querySelector("[role=dialog]") ?? document.body
  place.append(area)
  area.select()
  const copied = document.execCommand("copy")
  area.remove()
  return copied
}
