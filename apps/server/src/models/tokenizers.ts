/** The tokenizers of base models, where they are at hand, kept while they are in use. */

import { randomUUID } from "node:crypto"
import { mkdir, rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import type { BaseModel } from "@fjord/db/prisma"
import { type ClipTokenizer, loadClipTokenizer } from "@fjord/diffusion/tokenizer"
import { everybody, hubConnection, pullModel } from "@fjord/hub"
import type { Studio } from "../context.ts"
import { starterFolder } from "./starterModel.ts"

const tokenizerFiles = ["vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"]

/** The folder of a model's tokenizer, or undefined where nothing of it is here. */
const folders: Record<BaseModel["source"], (studio: Studio, model: BaseModel) => Promise<string | undefined>> = {
  STARTER: async () => join(starterFolder, "tokenizer"),
  FOLDER: async (_studio, { location }) => join(location, "tokenizer"),
  MODEL: async (studio, { location }) => {
    const where = { modelId: location, path: { startsWith: "tokenizer/" } }
    const files = await studio.database.modelFile.findMany({ where })
    if (files.length === 0) return undefined
    const folder = join(studio.environment.FJORD_DATA, "tokenizers", location)
    if ((await stat(folder).catch(() => undefined)) !== undefined) return folder
    const partial = `${folder}.${randomUUID()}`
    try {
      await mkdir(partial, { recursive: true })
      for (const { path, hash } of files) {
        const name = tokenizerFiles.find((file) => path === `tokenizer/${file}`)
        if (name !== undefined) await studio.files.copyTo(hash, join(partial, name))
      }
      await rename(partial, folder)
    } finally {
      await rm(partial, { recursive: true, force: true })
    }
    return folder
  },
  // As nobody: what is public. Two megabytes, fetched once per revision.
  HUB: async ({ environment }, { location, revision }) => {
    const connection = hubConnection({
      endpoint: environment.HF_ENDPOINT,
      cacheFolder: join(environment.FJORD_DATA, "hub"),
      // The folder is the workers' too, with files that only some accounts may have.
      cacheReader: everybody,
      retry: { attempts: 2 },
    })
    const files = tokenizerFiles.map((name) => `tokenizer/${name}`)
    const { folder } = await pullModel(connection, location, { revision: revision || undefined, files })
    return join(folder, "tokenizer")
  },
}

type Kept = { readonly loading: Promise<ClipTokenizer | undefined>; loaded?: ClipTokenizer | undefined }

/** A CLIP tokenizer takes about 30 MB. */
const mostKept = 4
/** What could not be had is asked for again after a while: a Hub that was away, a folder that came later. */
const askAgainMs = 60_000
const kept = new Map<string, Kept>()

function load(studio: Studio, model: BaseModel, key: string): Kept {
  const loading = folders[model.source](studio, model)
    .then((folder) => (folder === undefined ? undefined : loadClipTokenizer(folder)))
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
