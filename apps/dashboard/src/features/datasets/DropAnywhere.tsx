"use client"

/** The whole window takes dropped and pasted pictures while this is shown. */

import { ImageDown } from "lucide-react"
import { useEffect, useEffectEvent, useState } from "react"
import { droppedFiles } from "./droppedFiles.ts"

export function DropAnywhere({ onFiles, hint }: { onFiles: (files: File[], name?: string) => void; hint: string }) {
  const [over, setOver] = useState(false)
  const take = useEffectEvent(onFiles)
  useEffect(() => {
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false
    const onDrag = (event: DragEvent) => {
      if (!carriesFiles(event)) return
      event.preventDefault()
      setOver(true)
    }
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false)
    }
    const onDrop = (event: DragEvent) => {
      if (!carriesFiles(event) || event.dataTransfer === null) return
      event.preventDefault()
      setOver(false)
      void droppedFiles(event.dataTransfer).then(({ files, name }) => take(files, name))
    }
    const onPaste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])]
      if (files.length > 0) take(files)
    }
    window.addEventListener("dragover", onDrag)
    window.addEventListener("dragleave", onLeave)
    window.addEventListener("drop", onDrop)
    window.addEventListener("paste", onPaste)
    return () => {
      window.removeEventListener("dragover", onDrag)
      window.removeEventListener("dragleave", onLeave)
      window.removeEventListener("drop", onDrop)
      window.removeEventListener("paste", onPaste)
    }
  }, [])
  if (!over) return null
  return (
    <div className="pointer-events-none fixed inset-0 z-50 grid place-items-center bg-accent/85 text-accent-foreground">
      <p className="flex items-center gap-3 rounded-3xl border-2 border-current border-dashed px-10 py-8 font-semibold text-xl">
        <ImageDown aria-hidden="true" className="size-8" /> {hint}
      </p>
    </div>
  )
}
