/** The tokenizers of base models, where they are at hand, kept while they are in use. */

import { join } from "node:path"
import type { BaseModel } from "@fjord/db/prisma"
import { type ClipTokenizer, loadClipTokenizer } from "@fjord/diffusion/tokenizer"
import type { Studio } from "../context.ts"
import { smallFilesOf } from "./smallFiles.ts"

type Kept = { readonly loading: Promise<ClipTokenizer | undefined>; loaded?: ClipTokenizer | undefined }

/** A CLIP tokenizer takes about 30 MB. */
const mostKept = 4
/** What could not be had is asked for again after a while: a Hub that was away, a folder that came later. */
const askAgainMs = 60_000
const kept = new Map<string, Kept>()

function load(studio: Studio, model: BaseModel, key: string): Kept {
  const loading = smallFilesOf(studio, model)
    .then((folder) => (folder === undefined ? undefined : loadClipTokenizer(join(folder, "tokenizer"))))
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

/** @returns undefined where it is not at hand; one of the Hub is on its way then. */
export async function tokenizerOf(studio: Studio, model: BaseModel): Promise<ClipTokenizer | undefined> {
  const key = [model.source, model.location, model.revision].join(" ")
  const entry = kept.get(key) ?? load(studio, model, key)
  // Nobody who types waits for the Hub.
  return model.source === "HUB" ? entry.loaded : entry.loading
}
