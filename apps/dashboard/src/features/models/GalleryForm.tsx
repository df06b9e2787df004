"use client"

/** The pictures of a card with their prompts, in the order in which the Hub shows them. */

import { ArrowUp, ImagePlus, X } from "lucide-react"
import { Button, IconButton } from "../../ui/Button.tsx"
import { TextField } from "../../ui/Field.tsx"
import { Menu } from "../../ui/Menu.tsx"
import { type CardFile, fileUrl } from "./CardPreview.tsx"
import type { GalleryEntry } from "./frontMatter.ts"

type GalleryFormProps = {
  entries: readonly GalleryEntry[]
  /** What may be shown, with the prompt that drew it. */
  pictures: readonly (CardFile & { prompt: string })[]
  onChange: (entries: readonly GalleryEntry[]) => void
}

export function GalleryForm({ entries, pictures, onChange }: GalleryFormProps) {
  const unused = pictures.filter(({ path }) => !entries.some(({ url }) => url.replace(/^\.?\//, "") === path))
  const swapUp = (index: number) => {
    const next = [...entries]
    const [moved] = next.splice(index, 1)
    if (moved !== undefined) next.splice(index - 1, 0, moved)
    onChange(next)
  }
  return (
    <section className="flex flex-col gap-3">
      <div className="flex items-center justify-between gap-3">
        <h3 className="font-medium text-sm">Gallery</h3>
        {unused.length > 0 && (
          <Menu
            trigger={
              <Button size="sm">
                <ImagePlus /> Add
              </Button>
            }
            entries={unused.slice(0, 20).map(({ path, url, prompt }) => ({
              label: `${prompt}, ${/step-\d+/.exec(path)?.[0].replace("-", " ") ?? path}`,
              icon: <img src={url} alt="" className="size-8 rounded object-cover" />,
              onSelect: () => onChange([...entries, { text: prompt, url: path }]),
            }))}
          />
        )}
      </div>
      {entries.length === 0 && (
        <p className="text-muted text-xs">
          {pictures.length === 0
            ? "The run drew no samples. Runs with prompts under “Show me while it learns” do."
            : "A card with pictures is looked at first."}
        </p>
      )}
      <ul className="flex flex-col gap-2">
        {entries.map(({ text, url }, index) => (
          <li key={url} className="flex items-center gap-2">
            <img
              src={fileUrl(pictures, url)}
              alt=""
              className="checkered size-10 shrink-0 rounded-lg object-cover text-[0px]"
            />
            <TextField
              label={`Prompt of picture ${index + 1}`}
              hideLabel
              value={text}
              onChange={(event) =>
                onChange(entries.map((one, at) => (at === index ? { ...one, text: event.target.value } : one)))
              }
              className="flex-1"
            />
            {index > 0 && (
              <IconButton label="Further up" icon={<ArrowUp />} onClick={() => swapUp(index)} tipAlign="end" />
            )}
            <IconButton
              label={`Take picture ${index + 1} away`}
              icon={<X />}
              onClick={() => onChange(entries.filter((_, at) => at !== index))}
              tipAlign="end"
            />
          </li>
        ))}
      </ul>
    </section>
  )
}
