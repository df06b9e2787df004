/** What of a base model is small: its tokenizer and its configurations, in a folder as diffusers lays it out. */

import { randomUUID } from "node:crypto"
import { mkdir, rename, rm, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { BaseModel } from "@fjord/db/prisma"
import { everybody, hubConnection, pullModel } from "@fjord/hub"
import type { Studio } from "../context.ts"
import { starterFolder } from "./starterModel.ts"

const smallFiles = [
  ...["vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"].map(
    (name) => `tokenizer/${name}`,
  ),
  ...["unet", "vae", "text_encoder"].map((part) => `${part}/config.json`),
]

/** Where the small files of the studio's models are laid out on this machine. */
export const smallFilesFolder = ({ environment }: Pick<Studio, "environment">) =>
  join(environment.FJORD_DATA, "small-files")

const folders: Record<BaseModel["source"], (studio: Studio, model: BaseModel) => Promise<string | undefined>> = {
  STARTER: async () => starterFolder,
  FOLDER: async (_studio, { location }) => location,
  MODEL: async (studio, { location }) => {
    const files = await studio.database.modelFile.findMany({ where: { modelId: location, path: { in: smallFiles } } })
    if (files.length === 0) return undefined
    const folder = join(smallFilesFolder(studio), location)
    if ((await stat(folder).catch(() => undefined)) !== undefined) return folder
    const partial = `${folder}.${randomUUID()}`
    try {
      for (const { path, hash } of files) {
        await mkdir(dirname(join(partial, path)), { recursive: true })
        await studio.files.copyTo(hash, join(partial, path))
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
    return (await pullModel(connection, location, { revision: revision || undefined, files: smallFiles })).folder
  },
}

/** @returns undefined where nothing of the model is here. @throws HubError where the Hub does not give it */
export const smallFilesOf = (studio: Studio, model: BaseModel): Promise<string | undefined> =>
  folders[model.source](studio, model)
