"use client"

/** In the gallery one key acts on the image under the pointer or the focus, without opening it. */

import { useApolloClient } from "@apollo/client/react"
import {
  type GalleryImageFragment,
  ImageDetailDocument,
  SetFavouriteDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { useShortcut } from "../../shortcuts/useShortcut.ts"
import type { RecallPart } from "./generation.ts"
import { type Recalled, recallFromImage } from "./recall.ts"

type ImageKeys = {
  images: readonly GalleryImageFragment[]
  onRecall: (settings: Recalled, what: RecallPart) => void
  onToggle: (id: string) => void
}

/** @returns the id of the image that is meant. */
function pointedImage(): string | undefined {
  const focused = document.activeElement?.closest<HTMLElement>("[data-image]")
  return (document.querySelector<HTMLElement>("[data-image]:hover") ?? focused)?.dataset.image
}

export function useImageKeys({ images, onRecall, onToggle }: ImageKeys) {
  const client = useApolloClient()
  const favour = useAct(SetFavouriteDocument)
  const recallPart = async (what: RecallPart) => {
    const id = pointedImage()
    if (id === undefined) return
    const { data } = await client.query({ query: ImageDetailDocument, variables: { id } })
    if (data?.generatedImage) onRecall(recallFromImage(data.generatedImage), what)
  }
  const group = "The image under the pointer"
  useShortcut("p", "Use its prompt", group, () => void recallPart("prompt"))
  useShortcut("s", "Use its seed", group, () => void recallPart("seed"))
  useShortcut("a", "Use all its settings", group, () => void recallPart("all"))
  useShortcut("f", "Favourite", group, () => {
    const image = images.find(({ id }) => id === pointedImage())
    if (image !== undefined) void favour.act({ imageIds: [image.id], favourite: !image.favourite })
  })
  useShortcut("x", "Choose it, to compare or file it", group, () => {
    const id = pointedImage()
    if (id !== undefined) onToggle(id)
  })
}
