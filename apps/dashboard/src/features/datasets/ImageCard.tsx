"use client"

import { Crop, TriangleAlert } from "lucide-react"
import { useState } from "react"
import type { ImageFieldsFragment } from "../../graphql/generated/graphql.ts"
import { IconButton } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { captionFix } from "./mending.ts"

type ImageCardProps = {
  image: ImageFieldsFragment
  selected: boolean
  readOnly: string | undefined
  onToggle: () => void
  onCaption: (caption: string) => void
  onTakeOut: () => void
  onEdit: () => void
}

export function ImageCard({ image, selected, readOnly, onToggle, onCaption, onTakeOut, onEdit }: ImageCardProps) {
  return (
    <li
      className={classes(
        "group flex flex-col overflow-hidden rounded-xl border bg-surface [contain-intrinsic-size:auto_22rem] [content-visibility:auto]",
        selected ? "border-accent ring-1 ring-accent" : "border-border",
      )}
    >
      <div className="relative">
        <img
          src={image.thumbnailUrl}
          alt={image.caption || image.name}
          loading="lazy"
          className="aspect-square w-full bg-surface-secondary object-contain"
        />
        <label
          className={classes(
            "absolute top-1.5 left-1.5 grid size-8 cursor-pointer place-items-center rounded-lg bg-black/55 transition-opacity focus-within:opacity-100 group-hover:opacity-100 [@media(hover:hover)]:opacity-0",
            selected && "opacity-100!",
          )}
        >
          <span className="sr-only">Select {image.name}</span>
          <input type="checkbox" checked={selected} onChange={onToggle} className="size-4 accent-[var(--accent)]" />
        </label>
        {readOnly === undefined && (
          <div className="absolute top-1.5 right-1.5">
            <IconButton
              label={`Crop or turn ${image.name}`}
              icon={<Crop />}
              variant="tertiary"
              onClick={onEdit}
              tipAlign="end"
              tipSide="bottom"
            />
          </div>
        )}
      </div>
      <div className="flex flex-1 flex-col gap-1.5 p-2.5">
        <p className="flex gap-2 text-muted text-xs">
          <span className="min-w-0 flex-1 truncate">{image.name}</span>
          <span className="shrink-0 tabular-nums">
            {image.width} × {image.height}
          </span>
        </p>
        <Caption key={image.caption} image={image} readOnly={readOnly} onSave={onCaption} />
        {image.warnings.map((warning) => {
          const { caption } = warning
          return (
            <div
              key={warning.kind}
              className="flex gap-1.5 rounded-lg bg-warning-soft px-2 py-1.5 text-warning-soft-foreground text-xs"
            >
              <TriangleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
              <p className="min-w-0 flex-1">
                {warning.message} <b className="font-medium">{warning.fix}</b>{" "}
                {readOnly === undefined && (
                  <button
                    type="button"
                    className="font-semibold underline underline-offset-2"
                    aria-label={`${caption === null ? "Take out" : captionFix[warning.kind]?.one} (${image.name})`}
                    onClick={() => (caption === null ? onTakeOut() : onCaption(caption))}
                  >
                    {caption === null ? "Take it out" : captionFix[warning.kind]?.one}
                  </button>
                )}
              </p>
            </div>
          )
        })}
      </div>
    </li>
  )
}

type CaptionProps = { image: ImageFieldsFragment; readOnly: string | undefined; onSave: (caption: string) => void }

/** Saved when the cursor leaves or by Enter; Escape takes the change back. */
function Caption({ image, readOnly, onSave }: CaptionProps) {
  const [text, setText] = useState(image.caption)
  const save = () => text.trim() !== image.caption && onSave(text.trim())
  return (
    <textarea
      aria-label={`Caption of ${image.name}`}
      value={text}
      readOnly={readOnly !== undefined}
      rows={2}
      placeholder="No caption: the run's prompt"
      onChange={(event) => setText(event.target.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === "Enter" && !event.shiftKey) {
          event.preventDefault()
          event.currentTarget.blur()
        }
        if (event.key === "Escape") setText(image.caption)
      }}
      className="field-sizing-content min-h-14 w-full resize-none rounded-lg border border-transparent bg-surface-secondary px-2 py-1.5 text-sm leading-5 placeholder:text-muted hover:border-border focus:border-accent focus:bg-field"
    />
  )
}
