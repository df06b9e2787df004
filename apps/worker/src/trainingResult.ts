/** The files of a finished training, stored, and the model that they make. */

import { randomUUID } from "node:crypto"
import { readdir, stat } from "node:fs/promises"
import { basename, join, relative, sep } from "node:path"
import { type FileStore, recordFile, type StoredFile } from "@fjord/db"

type Transaction = Parameters<typeof recordFile>[0]

export type StoredResultFile = StoredFile & { readonly path: string; readonly mediaType: string }

const mediaTypes: Readonly<Record<string, string>> = {
  png: "image/png",
  json: "application/json",
  txt: "text/plain",
  md: "text/markdown",
  safetensors: "application/octet-stream",
}

export const mediaTypeOf = (path: string) =>
  mediaTypes[basename(path).split(".").at(-1) ?? ""] ?? "application/octet-stream"

/** Stores files and everything below folders. Paths are relative to `root`, with slashes. */
export async function storeTree(files: FileStore, root: string, paths: readonly string[]): Promise<StoredResultFile[]> {
  const stored: StoredResultFile[] = []
  for (const path of paths) {
    if ((await stat(path)).isDirectory()) {
      const entries = (await readdir(path)).sort()
      const inside = await storeTree(
        files,
        root,
        entries.map((entry) => join(path, entry)),
      )
      stored.push(...inside)
    } else {
      const name = relative(root, path).split(sep).join("/")
      stored.push({ ...(await files.putFile(path)), path: name, mediaType: mediaTypeOf(path) })
    }
  }
  return stored
}

/** Makes the rows of a model. @returns its id. */
export async function createModel(
  transaction: Transaction,
  model: {
    readonly teamId: string
    readonly name: string
    readonly kind: "FULL" | "LORA" | "EMBEDDING"
    readonly runId?: string
    readonly step?: number
    readonly baseModelId: string | null
    readonly instancePrompt: string | null
    readonly hubId?: string
    readonly hubRevision?: string
  },
  files: FileStore,
  stored: readonly StoredResultFile[],
  id: string = randomUUID(),
): Promise<string> {
  for (const file of stored) await recordFile(transaction, files, file, model.teamId)
  await transaction.model.create({
    data: { ...model, id, files: { create: stored.map(({ path, hash }) => ({ path, hash })) } },
  })
  return id
}
