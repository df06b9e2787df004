"use client"

import { Heart } from "lucide-react"
import type { GalleryImageFragment } from "../../graphql/generated/graphql.ts"
import { classes } from "../../ui/classes.ts"

type GalleryTileProps = { image: GalleryImageFragment; chosen: boolean; onToggle: () => void; onOpen: () => void }

/** One image of the gallery. `data-image` tells the keys which image the pointer or the focus is on. */
export function GalleryTile({ image, chosen, onToggle, onOpen }: GalleryTileProps) {
  return (
    <li
      data-image={image.id}
      className={classes(
        // Around the image: on one of its own colour a ring within it is not seen.
        "group relative overflow-hidden rounded-xl bg-surface-secondary outline-offset-2 has-focus-visible:outline-2 has-focus-visible:outline-focus",
        chosen && "ring-2 ring-accent ring-offset-2 ring-offset-background",
      )}
    >
      <button
        type="button"
        onClick={onOpen}
        className="block w-full focus-visible:outline-none"
        aria-label={`Open: ${image.prompt}`}
      >
        <img
          src={image.thumbnailUrl}
          alt=""
          loading="lazy"
          width={image.width}
          height={image.height}
          className="aspect-square w-full object-cover"
        />
      </button>
      <label
        className={classes(
          "absolute top-1.5 left-1.5 grid size-8 cursor-pointer place-items-center rounded-lg bg-black/55 transition-opacity focus-within:opacity-100 group-hover:opacity-100 [@media(hover:hover)]:opacity-0",
          chosen && "opacity-100!",
        )}
      >
        <span className="sr-only">Choose: {image.prompt}</span>
        <input type="checkbox" checked={chosen} onChange={onToggle} className="size-4 accent-[var(--accent)]" />
      </label>
      {image.favourite && (
        <Heart
          aria-label="Favourite"
          className="pointer-events-none absolute top-2.5 right-2.5 size-4.5 fill-white text-white drop-shadow"
        />
      )}
    </li>
  )
}
