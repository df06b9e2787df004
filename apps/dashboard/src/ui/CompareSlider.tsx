"use client"

/** Two pictures of equal size, one over the other, with a divider to drag or move by arrow keys. */

import { type CSSProperties, useState } from "react"
import { classes } from "./classes.ts"

type Side = { url: string; label: string; alt: string }

type CompareSliderProps = {
  before: Side
  after: Side
  /** Takes a square's room before the pictures are there. */
  square?: boolean
}

export function CompareSlider({ before, after, square = false }: CompareSliderProps) {
  const [share, setShare] = useState(50)
  const clip: CSSProperties = { clipPath: `inset(0 0 0 ${share}%)` }
  return (
    <div className="relative select-none overflow-hidden rounded-xl bg-surface-tertiary">
      <img
        src={before.url}
        alt={before.alt}
        className={classes("block max-h-[56dvh] w-full object-contain", square && "aspect-square")}
        draggable={false}
      />
      <img
        src={after.url}
        alt={after.alt}
        className="absolute inset-0 size-full object-contain"
        style={clip}
        draggable={false}
      />
      <span className="absolute top-2 left-2 rounded-lg bg-black/75 px-2 py-1 text-white text-xs">{before.label}</span>
      <span className="absolute top-2 right-2 rounded-lg bg-black/75 px-2 py-1 text-white text-xs">{after.label}</span>
      <div
        aria-hidden="true"
        className="pointer-events-none absolute inset-y-0 w-0.5 bg-white shadow"
        style={{ left: `${share}%` }}
      />
      <input
        type="range"
        min={0}
        max={100}
        value={share}
        aria-label={`Divider between ${before.label} and ${after.label}`}
        onChange={(event) => setShare(Number(event.target.value))}
        className="absolute inset-0 size-full cursor-ew-resize opacity-0 focus-visible:opacity-10"
      />
    </div>
  )
}
