/** A file that this studio drew names no rows; its image in the gallery does: which model, checkpoint and LoRAs drew it. */

import type { ApolloClient } from "@apollo/client"
import { GalleryDocument, ImageDetailDocument } from "../../graphql/generated/graphql.ts"
import { type Recalled, recallFromImage } from "./recall.ts"

/** @returns all that is known of the gallery's image with this prompt, seed and size; undefined where there is none. */
export async function findOriginal(
  client: ApolloClient,
  teamId: string,
  { prompt, seed, width, height }: Recalled,
): Promise<Recalled | undefined> {
  if (prompt === undefined || seed === undefined) return undefined
  const { data } = await client.query({
    query: GalleryDocument,
    variables: { teamId, search: prompt.slice(0, 200), favourite: null, boardId: null },
    fetchPolicy: "network-only",
  })
  const same = data?.generatedImages.edges.find(
    ({ node }) => node.prompt === prompt && node.seed === seed && node.width === width && node.height === height,
  )
  if (same === undefined) return undefined
  const detail = await client.query({ query: ImageDetailDocument, variables: { id: same.node.id } })
  const image = detail.data?.generatedImage
  return image ? recallFromImage(image) : undefined
}
