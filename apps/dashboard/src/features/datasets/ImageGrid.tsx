"use client"

/** The pictures of a data set: search, selection, captions alone and many at once, with undo. */

import { CheckCheck, Trash2, Undo2, X } from "lucide-react"
import dynamic from "next/dynamic"
import { useState } from "react"
import type { DatasetFactsFragment, ImageFieldsFragment, WarningKind } from "../../graphql/generated/graphql.ts"
import { useShortcut } from "../../shortcuts/useShortcut.ts"
import { Button } from "../../ui/Button.tsx"
import { Confirm } from "../../ui/Confirm.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { count } from "../../ui/format.ts"
import { SearchField } from "../../ui/SearchField.tsx"
import { useSession } from "../shell/Session.tsx"
import { CaptionTools } from "./CaptionTools.tsx"
import { DatasetHints } from "./DatasetHints.tsx"
import { ImageCard } from "./ImageCard.tsx"
import { useImageChanges } from "./useImageChanges.ts"

const ImageEditor = dynamic(() => import("./ImageEditor.tsx").then((module) => module.ImageEditor), { ssr: false })

type ImageGridProps = {
  dataset: DatasetFactsFragment
  images: readonly ImageFieldsFragment[]
}

export function ImageGrid({ dataset, images }: ImageGridProps) {
  const { readOnly } = useSession()
  const [search, setSearch] = useState("")
  /** Only pictures with hints, or with hints of one kind. */
  const [hints, setHints] = useState<WarningKind | "any">()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [editing, setEditing] = useState<string>()
  const [deleting, setDeleting] = useState(false)
  const changes = useImageChanges(dataset.id, images)

  const needle = search.toLowerCase()
  const shown = images.filter(
    (image) =>
      (hints === undefined || image.warnings.some(({ kind }) => hints === "any" || kind === hints)) &&
      (needle === "" || image.caption.toLowerCase().includes(needle) || image.name.toLowerCase().includes(needle)),
  )
  const chosen = images.filter((image) => selected.has(image.id))
  const warned = images.filter((image) => image.warnings.length > 0).length
  const edited = images.find((image) => image.id === editing)

  const toggle = (id: string) =>
    setSelected((now) => (now.has(id) ? new Set([...now].filter((other) => other !== id)) : new Set([...now, id])))
  useShortcut("u", "Undo the last change", "Data set", () => void changes.undo?.(), changes.undo !== undefined)
  useShortcut("a", "Select all pictures", "Data set", () => setSelected(new Set(shown.map((image) => image.id))))
  useShortcut("Escape", "Select nothing", "Data set", () => setSelected(new Set()))

  const concept = dataset.concepts[0]
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <DatasetHints
        dataset={dataset}
        images={images}
        changes={changes}
        shown={hints === "any" ? undefined : hints}
        onShow={setHints}
        readOnly={readOnly}
      />
      <div className="flex flex-wrap items-center gap-2">
        <SearchField
          label="Search captions and names"
          value={search}
          onChange={setSearch}
          className="min-w-56 flex-1"
        />
        {warned > 0 && (
          <Button
            variant={hints === "any" ? "secondary" : "tertiary"}
            aria-pressed={hints === "any"}
            onClick={() => setHints(hints === "any" ? undefined : "any")}
          >
            {count(warned, "picture")} with hints
          </Button>
        )}
        {chosen.length > 0 ? (
          <>
            <span role="status" className="px-1 text-muted text-sm tabular-nums">
              {chosen.length} selected
            </span>
            <Button variant="danger-soft" reason={readOnly} onClick={() => setDeleting(true)}>
              <Trash2 /> Take out
            </Button>
            <Button onClick={() => setSelected(new Set())}>
              <X /> None
            </Button>
          </>
        ) : (
          <Button onClick={() => setSelected(new Set(shown.map((image) => image.id)))}>
            <CheckCheck /> Select all
          </Button>
        )}
        <Button
          onClick={() => void changes.undo?.()}
          reason={changes.undo === undefined ? "Nothing was changed since you came." : undefined}
        >
          <Undo2 /> Undo
        </Button>
      </div>
      {readOnly === undefined && (
        <CaptionTools
          scope={
            chosen.length > 0
              ? `the ${count(chosen.length, "selected picture")}`
              : `all ${count(images.length, "picture")}`
          }
          suggestion={
            concept === undefined ? "a photo of sks toy" : `a photo of ${concept.identifier} ${concept.classNoun}`
          }
          images={chosen.length > 0 ? chosen : images}
          onChange={(edits) => void changes.caption(edits)}
          busy={changes.busy}
        />
      )}
      {shown.length === 0 ? (
        <EmptyState
          title="No picture matches"
          actions={
            <Button
              onClick={() => {
                setSearch("")
                setHints(undefined)
              }}
            >
              Show all
            </Button>
          }
        />
      ) : (
        <ul className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-4">
          {shown.map((image) => (
            <ImageCard
              key={image.id}
              image={image}
              selected={selected.has(image.id)}
              readOnly={readOnly}
              onToggle={() => toggle(image.id)}
              onCaption={(caption) => changes.caption([{ imageId: image.id, caption }])}
              onTakeOut={() => changes.takeOut([image.id])}
              onEdit={() => setEditing(image.id)}
            />
          ))}
        </ul>
      )}
      {edited !== undefined && (
        <ImageEditor
          key={edited.url}
          image={edited}
          onChanged={() => void changes.refresh()}
          onClose={() => setEditing(undefined)}
        />
      )}
      <Confirm
        open={deleting}
        onClose={() => setDeleting(false)}
        title={`Take ${count(chosen.length, "picture")} out?`}
        action="Take out"
        onConfirm={async () => {
          await changes.takeOut(chosen.map((image) => image.id))
          setSelected(new Set())
        }}
      >
        Undo puts them back. Runs that used them keep their own version of the data set.
      </Confirm>
    </div>
  )
}
