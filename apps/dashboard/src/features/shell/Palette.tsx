"use client"

/** ⌘K and /: the whole studio by typing. Its content is loaded when it is first opened. */

import dynamic from "next/dynamic"
import { useEffect, useState } from "react"
import { useShortcut } from "../../shortcuts/useShortcut.ts"
import { onOpen } from "./overlays.ts"

const PaletteDialog = dynamic(() => import("./PaletteDialog.tsx").then((module) => module.PaletteDialog), {
  ssr: false,
})

export function Palette() {
  const [open, setOpen] = useState(false)
  useShortcut("mod+k", "Go to anything", "Everywhere", () => setOpen(true))
  useEffect(() => onOpen("palette", () => setOpen(true)), [])
  return open ? <PaletteDialog onClose={() => setOpen(false)} /> : null
}
