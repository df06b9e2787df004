"use client"

/** Changes of a data set's pictures, each of which can be taken back: captions, and taking pictures out. */

import { useApolloClient } from "@apollo/client/react"
import { useState } from "react"
import {
  DatasetFactsDocument,
  DeleteImagesDocument,
  type ImageFieldsFragment,
  RestoreImagesDocument,
  UpdateCaptionsDocument,
} from "../../graphql/generated/graphql.ts"
import { useAct } from "../../graphql/useAct.ts"
import { count } from "../../ui/format.ts"
import { toast } from "../../ui/toast.ts"
import { type CaptionEdit, undoEdits } from "./captionEdits.ts"

/** Takes one change back. @returns whether it worked */
type Undo = () => Promise<boolean>

/** As many pictures as come with the query of the page. */
const firstPage = 30
/** Older changes than these cannot be taken back. */
const mostUndos = 50

export function useImageChanges(datasetId: string, images: readonly ImageFieldsFragment[]) {
  const client = useApolloClient()
  const [history, setHistory] = useState<readonly Undo[]>([])
  const update = useAct(UpdateCaptionsDocument)
  const remove = useAct(DeleteImagesDocument)
  const restore = useAct(RestoreImagesDocument, { refetch: ["Dataset"] })

  /** A set of one page is asked for anew; of a larger one, which would shrink to its first page, what is counted over all. */
  const refresh = () =>
    images.length <= firstPage
      ? client.refetchQueries({ include: "active", onQueryUpdated: ({ queryName }) => queryName === "Dataset" })
      : client.query({ query: DatasetFactsDocument, variables: { id: datasetId }, fetchPolicy: "network-only" })
  const takeBack = async (undo: Undo) => {
    if (await undo()) setHistory((past) => past.filter((one) => one !== undo))
  }
  const remember = (undo: Undo, said: string | undefined) => {
    setHistory((past) => [...past.slice(1 - mostUndos), undo])
    if (said !== undefined) toast.success(said, { action: { label: "Undo", onClick: () => void takeBack(undo) } })
  }

  const caption = async (edits: CaptionEdit[]) => {
    const back = undoEdits(images, edits)
    const send = async (changes: CaptionEdit[]) => {
      const done = (await update.act({ edits: changes })) !== undefined
      if (done) void refresh()
      return done
    }
    if (await send(edits))
      remember(() => send(back), edits.length > 1 ? `${count(edits.length, "caption")} changed` : undefined)
  }

  const takeOut = async (ids: readonly string[]) => {
    const gone = images.filter((image) => ids.includes(image.id))
    if ((await remove.act({ ids: [...ids] })) === undefined) return
    for (const image of gone) client.cache.evict({ id: client.cache.identify(image) ?? "" })
    client.cache.gc()
    void refresh()
    const removed = gone.map(({ hash, name, caption: text, createdAt }) => ({
      datasetId,
      hash,
      name,
      caption: text,
      createdAt,
    }))
    remember(
      async () => (await restore.act({ images: removed })) !== undefined,
      `${count(gone.length, "picture")} taken out`,
    )
  }

  const last = history.at(-1)
  return {
    caption,
    takeOut,
    refresh,
    busy: update.busy || remove.busy || restore.busy,
    undo: last === undefined ? undefined : () => takeBack(last),
  }
}
