/** Images in rows, each leading to its page. */

import { classes } from "../../ui/classes.ts"
import { Link } from "../../ui/Link.tsx"

type Tile = { readonly id: string; readonly prompt: string; readonly thumbnailUrl: string }

export function ImageTiles({ images, className }: { images: readonly Tile[]; className: string }) {
  return (
    <ul className={classes("grid gap-2", className)}>
      {images.map(({ id, prompt, thumbnailUrl }) => (
        <li key={id}>
          <Link href={`/images/${id}`} className="block overflow-hidden rounded-xl">
            <img
              src={thumbnailUrl}
              alt={prompt}
              loading="lazy"
              className="aspect-square w-full bg-surface-secondary object-cover"
            />
          </Link>
        </li>
      ))}
    </ul>
  )
}
