"use client"

/** The pictures of a data set: search, selection, captions alone and many at once, with undo. */

import { CheckCheck, Trash2, Undo2, X } from "lucide-react"
import dynamic from "next/dynamic"
import { useState } from "react"
import { toast } from "sonner"
import {
  DeleteImagesDocument,
  type ImageFieldsFragment,
  UpdateCaptionsDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { useShortcut } from "../../shortcuts/useShortcut.ts"
import { Button } from "../../ui/Button.tsx"
import { Confirm } from "../../ui/Confirm.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { count } from "../../ui/format.ts"
import { SearchField } from "../../ui/SearchField.tsx"
import { useSession } from "../shell/Session.tsx"
import { CaptionTools } from "./CaptionTools.tsx"
import { type BulkChange, bulkEdits, type CaptionEdit, undoEdits } from "./captionEdits.ts"
import { ImageCard } from "./ImageCard.tsx"

const ImageEditor = dynamic(() => import("./ImageEditor.tsx").then((module) => module.ImageEditor), { ssr: false })

type ImageGridProps = {
  dataset: { id: string; concepts: readonly { identifier: string; classNoun: string }[] }
  images: readonly ImageFieldsFragment[]
}

export function ImageGrid({ dataset, images }: ImageGridProps) {
  const { readOnly } = useSession()
  const [search, setSearch] = useState("")
  const [onlyWarned, setOnlyWarned] = useState(false)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [history, setHistory] = useState<readonly CaptionEdit[][]>([])
  const [editing, setEditing] = useState<string>()
  const [deleting, setDeleting] = useState(false)
  const update = useAct(UpdateCaptionsDocument)
  const remove = useAct(DeleteImagesDocument, { refetch: ["Dataset"] })

  const needle = search.toLowerCase()
  const shown = images.filter(
    (image) =>
      (!onlyWarned || image.warnings.length > 0) &&
      (needle === "" || image.caption.toLowerCase().includes(needle) || image.name.toLowerCase().includes(needle)),
  )
  const chosen = images.filter((image) => selected.has(image.id))
  const warned = images.filter((image) => image.warnings.length > 0).length
  const edited = images.find((image) => image.id === editing)

  const apply = async (edits: CaptionEdit[]) => {
    if (edits.length === 0) {
      toast("No caption changes by that.")
      return
    }
    const back = undoEdits(images, edits)
    if ((await update.act({ edits })) === undefined) return
    setHistory((past) => [...past.slice(-49), back])
    if (edits.length > 1)
      toast.success(`${count(edits.length, "caption")} changed`, {
        action: { label: "Undo", onClick: () => void update.act({ edits: back }) },
      })
  }
  const undo = async () => {
    const last = history.at(-1)
    if (last === undefined) return
    if ((await update.act({ edits: last })) !== undefined) setHistory((past) => past.slice(0, -1))
  }
  const toggle = (id: string) =>
    setSelected((now) => (now.has(id) ? new Set([...now].filter((other) => other !== id)) : new Set([...now, id])))
  const changeMany = (change: BulkChange) => apply(bulkEdits(chosen.length > 0 ? chosen : images, change))
  useShortcut("u", "Undo the last change of captions", "Data set", undo, history.length > 0)
  useShortcut("a", "Select all pictures", "Data set", () => setSelected(new Set(shown.map((image) => image.id))))
  useShortcut("Escape", "Select nothing", "Data set", () => setSelected(new Set()))

  const concept = dataset.concepts[0]
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <SearchField
          label="Search captions and names"
          value={search}
          onChange={setSearch}
          className="min-w-56 flex-1"
        />
        {warned > 0 && (
          <Button
            variant={onlyWarned ? "secondary" : "tertiary"}
            aria-pressed={onlyWarned}
            onClick={() => setOnlyWarned(!onlyWarned)}
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
              <Trash2 /> Delete
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
        <Button onClick={undo} reason={history.length === 0 ? "No caption was changed since you came." : undefined}>
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
          onChange={changeMany}
          busy={update.busy}
        />
      )}
      {shown.length === 0 ? (
        <EmptyState
          title="No picture matches"
          actions={
            <Button
              onClick={() => {
                setSearch("")
                setOnlyWarned(false)
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
              onCaption={(caption) => apply([{ imageId: image.id, caption }])}
              onEdit={() => setEditing(image.id)}
            />
          ))}
        </ul>
      )}
      {edited !== undefined && <ImageEditor key={edited.url} image={edited} onClose={() => setEditing(undefined)} />}
      <Confirm
        open={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${count(chosen.length, "picture")}?`}
        action="Delete"
        onConfirm={async () => {
          await remove.act({ ids: chosen.map((image) => image.id) })
          setSelected(new Set())
        }}
      >
        Runs that used them keep their own version of the data set.
      </Confirm>
    </div>
  )
}
