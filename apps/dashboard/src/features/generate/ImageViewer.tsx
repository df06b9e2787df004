"use client"

/** One image in large. P, S, A take over its prompt, seed or everything; F favours; arrows go on. */

import { useQuery } from "@apollo/client/react"
import { ArrowLeft, ArrowRight, Code, Download, Heart, ImageUp, Link2 } from "lucide-react"
import { useEffect, useEffectEvent } from "react"
import { copyQuery } from "../../graphql/copyQuery.ts"
import {
  type GalleryImageFragment,
  ImageDetailDocument,
  SetFavouriteDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { Button, IconButton } from "../../ui/Button.tsx"
import { Link } from "../../ui/Link.tsx"
import { Modal } from "../../ui/Modal.tsx"
import { Shortcut } from "../../ui/Shortcut.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"
import { QueryState } from "../shell/QueryState.tsx"
import type { RecallPart } from "./generation.ts"
import { ImageFacts } from "./ImageFacts.tsx"
import { type Recalled, recallFromImage } from "./recall.ts"

type ImageViewerProps = {
  id: string
  /** In the gallery's order. */
  ids: readonly string[]
  onOpen: (id: string) => void
  onClose: () => void
  onRecall: (settings: Recalled, what: RecallPart) => void
  onStartFrom: (image: GalleryImageFragment) => void
}

export function ImageViewer({ id, ids, onOpen, onClose, onRecall, onStartFrom }: ImageViewerProps) {
  const query = useQuery(ImageDetailDocument, { variables: { id } })
  const favour = useAct(SetFavouriteDocument)
  const image = query.data?.generatedImage
  const at = ids.indexOf(id)
  const [previous, next] = [ids[at - 1], ids[at + 1]]
  const settings = image ? recallFromImage(image) : undefined
  const actions: Record<string, () => void> = {
    p: () => settings && onRecall(settings, "prompt"),
    s: () => settings && onRecall(settings, "seed"),
    a: () => settings && onRecall(settings, "all"),
    f: () => image && void favour.act({ imageIds: [id], favourite: !image.favourite }),
    ArrowLeft: () => previous !== undefined && onOpen(previous),
    ArrowRight: () => next !== undefined && onOpen(next),
  }
  const press = useEffectEvent((event: KeyboardEvent) => {
    const act = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (act === undefined || event.metaKey || event.ctrlKey || event.altKey) return
    event.preventDefault()
    act()
  })
  // The focus may be anywhere in the dialog, its head included.
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => press(event)
    window.addEventListener("keydown", onKey)
    return () => window.removeEventListener("keydown", onKey)
  }, [])
  return (
    <Modal open wide onClose={onClose} title="Image">
      <QueryState query={query} skeleton={<Skeleton className="h-96" />}>
        {() =>
          image === null || image === undefined ? (
            <p className="py-10 text-center text-muted">This image was deleted.</p>
          ) : (
            <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
              <div className="checkered grid min-h-64 place-items-center overflow-hidden rounded-xl">
                <img
                  src={image.url}
                  alt={image.prompt}
                  width={image.width}
                  height={image.height}
                  className="h-[42dvh] w-full object-contain lg:h-[66dvh]"
                />
              </div>
              <div className="flex min-w-0 flex-col gap-4">
                <div className="flex flex-wrap gap-1.5">
                  {(["prompt", "seed", "all"] as const).map((what) => (
                    <Button
                      key={what}
                      size="sm"
                      className="grow px-2!"
                      onClick={() => settings && onRecall(settings, what)}
                    >
                      Use {what} <Shortcut>{what.slice(0, 1).toUpperCase()}</Shortcut>
                    </Button>
                  ))}
                </div>
                <div className="flex gap-1">
                  <IconButton
                    label="Favourite (F)"
                    aria-pressed={image.favourite}
                    icon={<Heart className={image.favourite ? "fill-current" : ""} />}
                    onClick={actions.f}
                  />
                  <IconButton label="Start an image from it" icon={<ImageUp />} onClick={() => onStartFrom(image)} />
                  <span className="tip inline-flex" data-tip="Download with its settings inside">
                    <a
                      href={image.downloadUrl}
                      download
                      aria-label="Download with its settings inside"
                      className="button button--ghost button--sm button--icon-only"
                    >
                      <Download />
                    </a>
                  </span>
                  <span className="tip inline-flex" data-tip="Its own page">
                    <Link
                      href={`/images/${image.id}`}
                      aria-label="Its own page"
                      className="button button--ghost button--sm button--icon-only"
                    >
                      <Link2 />
                    </Link>
                  </span>
                  <IconButton
                    label="Copy as query"
                    icon={<Code />}
                    onClick={() => void copyQuery(ImageDetailDocument, { id })}
                  />
                  <span className="flex-1" />
                  <IconButton
                    label="Previous (←)"
                    icon={<ArrowLeft />}
                    aria-disabled={previous === undefined || undefined}
                    onClick={actions.ArrowLeft}
                    tipAlign="end"
                  />
                  <IconButton
                    label="Next (→)"
                    icon={<ArrowRight />}
                    aria-disabled={next === undefined || undefined}
                    onClick={actions.ArrowRight}
                    tipAlign="end"
                  />
                </div>
                <ImageFacts image={image} />
              </div>
            </div>
          )
        }
      </QueryState>
    </Modal>
  )
}
