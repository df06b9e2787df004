/** A model of the Hub on this machine, pinned by its commit. */

import { constants } from "node:fs"
import { copyFile, mkdir, readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { z } from "zod"
import type { HubConnection } from "../connection.ts"
import { writeFolder } from "../draftFolder.ts"
import { explain, HubError } from "../hubError.ts"
import { checkRepository } from "../repositoryName.ts"
import { findSnapshot } from "../transfer/cacheLayout.ts"
import { requireReader } from "../transfer/cacheReaders.ts"
import { pullFiles } from "../transfer/pullFiles.ts"
import { readRepository } from "../transfer/remoteFiles.ts"
import type { TransferOptions } from "../transfer/transferEvent.ts"
import { largestConfiguration, looseFiles, pipelineFiles, type WeightVariant } from "./modelFiles.ts"

export type PullModelOptions = TransferOptions & {
  /** Branch, tag or commit; main if absent. */
  readonly revision?: string | undefined
  /** The half-precision copy of the weights where there is one: half of the download. */
  readonly variant?: WeightVariant | undefined
  /** These files and no others. */
  readonly files?: readonly string[] | undefined
}

export type PulledModel = {
  readonly id: string
  /** Hash of the commit, by which a run names its base model for ever. */
  readonly commit: string
  /** Snapshot in the cache: a diffusers folder, or one with loose .safetensors files. */
  readonly folder: string
  /** Paths in the folder. */
  readonly files: readonly string[]
  readonly kind: "pipeline" | "files"
  /** True where the Hub could not be reached and an earlier download serves. */
  readonly offline: boolean
  /** Front matter of its card as the Hub read it; unknown without the Hub. */
  readonly cardData?: unknown
}

const modelIndex = z.record(z.string(), z.unknown())

/** Names that stand for [library, class], not for [null, null] or a setting. */
function componentsIn(text: string, id: string): string[] {
  let index: unknown
  try {
    index = JSON.parse(text)
  } catch {
    index = undefined
  }
  const parsed = modelIndex.safeParse(index)
  if (!parsed.success) throw new HubError("badData", `The model_index.json of ${id} is no JSON object.`)
  return Object.entries(parsed.data)
    .filter(([name, value]) => /^[a-z]\w*$/.test(name) && Array.isArray(value) && typeof value[0] === "string")
    .map(([name]) => name)
}

/**
 * Fetches only what is needed of a model: its configuration and one copy of its weights as safetensors.
 * Without a network, what was fetched before serves.
 * @throws HubError with one sentence
 */
export async function pullModel(
  connection: HubConnection,
  id: string,
  options: PullModelOptions = {},
): Promise<PulledModel> {
  const { revision = "main", variant, signal, onEvent } = options
  const repository = checkRepository({ type: "model", id })
  const choose = async (listing: ReadonlyMap<string, { size: number }>, readIndex: () => Promise<string>) => {
    if (options.files !== undefined) return { files: [...options.files], kind: "files" as const }
    if (!listing.has("model_index.json")) return { files: looseFiles(id, listing), kind: "files" as const }
    if ((listing.get("model_index.json")?.size ?? 0) > largestConfiguration)
      throw new HubError("badData", `The model_index.json of ${id} is larger than any configuration; it is not read.`)
    const components = componentsIn(await readIndex(), id)
    return { files: pipelineFiles(id, listing, components, variant), kind: "pipeline" as const }
  }
  try {
    const onRetry = (retrying: { reason: string; waitSeconds: number; attempt: number }) =>
      onEvent?.({ type: "Retrying", ...retrying })
    const remote = await readRepository(connection, repository, revision, { signal, onRetry })
    const chosen = await choose(remote.files, async () => {
      const folder = await pullFiles(connection, remote, ["model_index.json"], revision, { signal })
      return readFile(join(folder, "model_index.json"), "utf8")
    })
    const folder = await pullFiles(connection, remote, chosen.files, revision, { signal, onEvent })
    return { id, commit: remote.commit, folder, ...chosen, offline: false, cardData: remote.cardData }
  } catch (error) {
    const failure = explain(error, `downloading ${id}`, connection.endpoint)
    if (failure.code !== "network") throw failure
    const found = await findSnapshot(connection, repository, revision)
    const here =
      found &&
      (await choose(found.files, () => readFile(join(found.folder, "model_index.json"), "utf8")).catch(() => undefined))
    if (found === undefined || here === undefined || !here.files.every((path) => found.files.has(path))) throw failure
    requireReader(connection, repository, found.commit)
    return { id, commit: found.commit, folder: found.folder, ...here, offline: true }
  }
}

/**
 * Copies a pulled model out of the cache into a new folder, whole or not at all.
 * @throws HubError when the folder exists
 */
export async function copyModel(model: PulledModel, folder: string): Promise<void> {
  try {
    await writeFolder(folder, async (draft) => {
      for (const path of model.files) {
        const place = join(draft, ...path.split("/"))
        await mkdir(dirname(place), { recursive: true })
        // A copy on write where the file system can; a link would let edits reach the cache.
        await copyFile(join(model.folder, ...path.split("/")), place, constants.COPYFILE_FICLONE)
      }
    })
  } catch (error) {
    throw explain(error, `copying ${model.id} to ${folder}`, "The Hub")
  }
}
