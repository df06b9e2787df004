/** A model with its card and pictures to the Hub: a diffusers folder, or a LoRA in diffusers' and kohya's forms. */

import { existsSync } from "node:fs"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { createRepository } from "../account.ts"
import { checkModelCard } from "../card/checkModelCard.ts"
import { picturesShown, sampleAt } from "../card/samples.ts"
import type { HubConnection } from "../connection.ts"
import { explain, HubError } from "../hubError.ts"
import { checkRepository, type Repository } from "../repositoryName.ts"
import { filesIn, type Pushed, type PushFile, pushFiles } from "../transfer/push.ts"
import { readRepository } from "../transfer/remoteFiles.ts"
import type { TransferOptions } from "../transfer/transferEvent.ts"

export type PushModelOptions = TransferOptions & {
  /** A diffusers folder, or one with pytorch_lora_weights.safetensors. */
  readonly folder: string
  /** Text of README.md; see modelCard. */
  readonly card: string
  /** Pictures that the card shows, by their paths in it; see samplePath. */
  readonly pictures?: readonly PushFile[]
  /** Further small files by path, e.g. training.json. */
  readonly documents?: readonly PushFile[]
  /** Of a repository that is made now; private if absent. */
  readonly visibility?: "public" | "private"
  readonly title?: string
}

const components =
  /^(?:unet|vae|text_encoder(?:_2)?|tokenizer(?:_2)?|scheduler|feature_extractor|safety_checker)\/[^/]+\.(?:json|txt|safetensors)$/

/** The files of a result that make the model; checkpoints, samples and strangers stay here. */
async function modelFiles(folder: string): Promise<{ files: PushFile[]; method: "full" | "lora" }> {
  if (existsSync(join(folder, "model_index.json"))) {
    const files = (await filesIn(folder)).filter(({ path }) => path === "model_index.json" || components.test(path))
    return { files, method: "full" }
  }
  const names = (await readdir(folder)).filter((name) => /^[^.].*\.safetensors$/.test(name)).sort()
  if (names.includes("pytorch_lora_weights.safetensors"))
    return { files: names.map((name) => ({ path: name, file: join(folder, name) })), method: "lora" }
  throw new HubError(
    "badData",
    `${folder} holds no finished model: neither model_index.json nor pytorch_lora_weights.safetensors.`,
  )
}

/** What kind of model a folder holds. @throws HubError where it is none */
export async function modelMethod(folder: string): Promise<"full" | "lora"> {
  return (await modelFiles(folder)).method
}

/** Weights and samples of an earlier version would be taken for this one's. */
function isReplaced(path: string): boolean {
  return components.test(path) || sampleAt(path) !== undefined || /^(?:[^/]+\.safetensors|training\.json)$/.test(path)
}

/** Paths in a repository that may not be there yet. */
async function filesThere(connection: HubConnection, repository: Repository, signal: AbortSignal | undefined) {
  try {
    return new Set((await readRepository(connection, repository, "main", { signal })).files.keys())
  } catch (error) {
    if (error instanceof HubError && error.code === "notFound") return new Set<string>()
    throw error
  }
}

/**
 * Makes the repository where there is none and brings it to exactly this model, card and pictures in one commit.
 * @throws HubError with one sentence, also for a card that the Hub would not understand
 */
export async function pushModel(connection: HubConnection, id: string, options: PushModelOptions): Promise<Pushed> {
  const { folder, card, pictures = [], documents = [], visibility, title = "Model", signal, onEvent } = options
  const repository = checkRepository({ type: "model", id })
  const errors = checkModelCard(card).filter(({ level }) => level === "error")
  if (errors.length > 0) {
    const list = errors.map(({ field, message }) => `${field} ${message}`.trim().replace(/\.$/, "")).join("; ")
    throw new HubError("badData", `The model card would not be understood: ${list}.`)
  }
  try {
    const { files } = await modelFiles(folder)
    const sent = new Set([...files, ...pictures, ...documents].map(({ path }) => path))
    const lost = picturesShown(card).filter((path) => !sent.has(path))
    const there = lost.length > 0 ? await filesThere(connection, repository, signal) : new Set<string>()
    const [missing] = lost.filter((path) => !there.has(path) || isReplaced(path))
    if (missing !== undefined)
      throw new HubError(
        "badData",
        `The model card shows ${missing}, which is neither among the files of this push nor in the repository; add it, or take it out of the card.`,
      )
    await createRepository(connection, repository, { signal, ...(visibility && { visibility }) })
    return await pushFiles(connection, [{ path: "README.md", content: card }, ...files, ...pictures, ...documents], {
      repository,
      title,
      remove: isReplaced,
      signal,
      onEvent,
    })
  } catch (error) {
    throw explain(error, `pushing ${id}`, connection.endpoint)
  }
}
