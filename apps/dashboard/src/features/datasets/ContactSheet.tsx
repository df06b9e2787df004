"use client"

/** All pictures on one sheet, to judge the set at a glance, and to keep it as a PNG. */

import { Download } from "lucide-react"
import { useState } from "react"
import type { ImageFieldsFragment } from "../../graphql/generated/graphql.ts"
import { Button } from "../../ui/Button.tsx"
import { Modal } from "../../ui/Modal.tsx"

const cellPx = 256

export function ContactSheet({
  name,
  images,
  onClose,
}: {
  name: string
  images: readonly ImageFieldsFragment[]
  onClose: () => void
}) {
  const [columns, setColumns] = useState(Math.min(8, Math.max(2, Math.ceil(Math.sqrt(images.length)))))
  const save = async () => {
    const canvas = document.createElement("canvas")
    canvas.width = columns * cellPx
    canvas.height = Math.ceil(images.length / columns) * cellPx
    const context = canvas.getContext("2d")
    if (context === null) return
    for (const [index, image] of images.entries()) {
      const bitmap = await createImageBitmap(await (await fetch(image.thumbnailUrl)).blob())
      const side = Math.min(bitmap.width, bitmap.height)
      const [x, y] = [(index % columns) * cellPx, Math.floor(index / columns) * cellPx]
      context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, x, y, cellPx, cellPx)
    }
    const link = document.createElement("a")
    link.href = canvas.toDataURL("image/png")
    link.download = `${name}.png`
    link.click()
  }
  return (
    <Modal
      open
      wide
      onClose={onClose}
      title={`Contact sheet of ${name}`}
      footer={
        <>
          <label className="flex flex-1 items-center gap-3 text-sm">
            Columns
            <input
              type="range"
              min={2}
              max={12}
              value={columns}
              onChange={(event) => setColumns(Number(event.target.value))}
              className="w-40 accent-[var(--accent)]"
            />
            <span className="tabular-nums">{columns}</span>
          </label>
          <Button variant="primary" onClick={save}>
            <Download /> Save as PNG
          </Button>
        </>
      }
    >
      <div className="grid gap-0.5" style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
        {images.map((image) => (
          <img
            key={image.id}
            src={image.thumbnailUrl}
            alt={image.caption || image.name}
            className="aspect-square w-full object-cover"
          />
        ))}
      </div>
    </Modal>
  )
}
