/** The words of embeddings: each is as many tokens long as its file has vectors. */

import { randomUUID } from "node:crypto"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { countVectors, embeddingFileName } from "@fjord/diffusion/embedding"
import { owned } from "../access.ts"
import type { Context, Studio } from "../context.ts"
import { ConflictError, InputError } from "../expectedError.ts"

export type TaughtWord = { readonly token: string; readonly vectors: number }

export type GivenEmbedding = { readonly modelId: string; readonly token?: string | null | undefined }

/** By the file's hash; a file never changes. */
const counted = new Map<string, number>()
const mostCounted = 1000

/** @throws where one is no embedding of the caller's teams, or has no file yet */
export async function taughtWords(context: Context, given: readonly GivenEmbedding[]): Promise<TaughtWord[]> {
  const words: TaughtWord[] = []
  for (const { modelId, token } of given) {
    const include = { files: { where: { path: embeddingFileName } } }
    const found = context.database.model.findUnique({ where: { id: modelId }, include })
    const { kind, instancePrompt, files } = await owned(context, "VIEWER", "model", found)
    if (kind !== "EMBEDDING") throw new InputError("Only an embedding adds a word to a model.", "embeddings")
    const [file] = files
    if (file === undefined)
      throw new ConflictError("This model has no files yet; wait until the worker has written them.")
    words.push({ token: token || instancePrompt || "", vectors: await vectorsOf(context, file.hash) })
  }
  return words
}

async function vectorsOf(studio: Studio, hash: string): Promise<number> {
  const known = counted.get(hash)
  if (known !== undefined) return known
  const copy = join(studio.incoming, `${randomUUID()}.safetensors`)
  try {
    await studio.files.copyTo(hash, copy)
    const vectors = await countVectors(copy)
    if (counted.size >= mostCounted) counted.clear()
    counted.set(hash, vectors)
    return vectors
  } finally {
    await rm(copy, { force: true })
  }
}
