/** The tokenizers of base models, where they are at hand, kept while they are in use. */

import { join } from "node:path"
import type { BaseModel } from "@fjord/db/prisma"
import { type ClipTokenizer, loadClipTokenizer } from "@fjord/diffusion/tokenizer"
import type { Studio } from "../context.ts"
import { smallFilesOf } from "./smallFiles.ts"
import type { TaughtWord } from "./taughtWords.ts"

type Kept = { readonly loading: Promise<ClipTokenizer | undefined>; loaded?: ClipTokenizer | undefined }

/** A CLIP tokenizer takes about 30 MB. */
const mostKept = 4
/** What could not be had is asked for again after a while: a Hub that was away, a folder that came later. */
const askAgainMs = 60_000
const kept = new Map<string, Kept>()

async function read(folder: string, words: readonly TaughtWord[]): Promise<ClipTokenizer> {
  const plain = await loadClipTokenizer(folder)
  if (words.length === 0) return plain
  let next = plain.vocabSize
  const added = words.map(({ token, vectors }) => ({ token, ids: Array.from({ length: vectors }, () => next++) }))
  return loadClipTokenizer(folder, added)
}

function load(studio: Studio, model: BaseModel, words: readonly TaughtWord[], key: string): Kept {
  const loading = smallFilesOf(studio, model)
    .then((folder) => (folder === undefined ? undefined : read(join(folder, "tokenizer"), words)))
    .catch((error: unknown) => {
      studio.log.info({ error, baseModelId: model.id }, "the tokenizer of a base model is not at hand")
      return undefined
    })
  const entry: Kept = { loading }
  void loading.then((tokenizer) => {
    entry.loaded = tokenizer
    if (tokenizer === undefined) setTimeout(() => kept.delete(key), askAgainMs).unref()
  })
  kept.set(key, entry)
  for (const oldest of kept.keys()) if (kept.size > mostKept) kept.delete(oldest)
  return entry
}

/**
 * @param words that embeddings add to its vocabulary
 * @returns undefined where it is not at hand, or has one of the words already; one of the Hub is on its way then.
 */
export async function tokenizerOf(
  studio: Studio,
  model: BaseModel,
  words: readonly TaughtWord[] = [],
): Promise<ClipTokenizer | undefined> {
  const key = JSON.stringify([model.source, model.location, model.revision, words])
  const entry = kept.get(key) ?? load(studio, model, words, key)
  // Nobody who types waits for the Hub.
  return model.source === "HUB" ? entry.loaded : entry.loading
}
