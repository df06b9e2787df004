/** A model with its card and pictures to the Hub: a diffusers folder, or a LoRA in diffusers' and kohya's forms. */

import { existsSync } from "node:fs"
import { readdir } from "node:fs/promises"
import { extname, join } from "node:path"
import { z } from "zod"
import { createRepository } from "../account.ts"
import { checkModelCard } from "../card/checkModelCard.ts"
import { parseFrontMatter } from "../card/frontMatter.ts"
import type { HubConnection } from "../connection.ts"
import { explain, HubError } from "../hubError.ts"
import { checkRepository } from "../repositoryName.ts"
import { filesIn, type Pushed, type PushFile, pushFiles } from "../transfer/push.ts"
import type { TransferOptions } from "../transfer/transferEvent.ts"

/** A picture for the card's gallery, in the card under `samplePath(index, file)`. */
export type SampleFile = { readonly file: string }

export type PushModelOptions = TransferOptions & {
  /** A diffusers folder, or one with pytorch_lora_weights.safetensors. */
  readonly folder: string
  /** Text of README.md; see modelCard. */
  readonly card: string
  readonly samples?: readonly SampleFile[]
  /** Further small files by path, e.g. training.json. */
  readonly documents?: readonly PushFile[]
  /** Of a repository that is made now; private if absent. */
  readonly visibility?: "public" | "private"
  readonly title?: string
}

const gallery = z.looseObject({
  widget: z.array(z.looseObject({ output: z.looseObject({ url: z.string() }).optional() })),
})

const components =
  /^(?:unet|vae|text_encoder(?:_2)?|tokenizer(?:_2)?|scheduler|feature_extractor|safety_checker)\/[^/]+\.(?:json|txt|safetensors)$/

/** Where a sample lies in the repository; its image address in the card. */
export function samplePath(index: number, file: string): string {
  return `images/sample-${index}${extname(file).toLowerCase()}`
}

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

/** Paths of the images that a card's gallery shows, addresses elsewhere left out. */
function imagesShown(card: string): string[] {
  const parsed = gallery.safeParse(parseFrontMatter(card).data)
  const urls = parsed.success ? parsed.data.widget.map(({ output }) => output?.url) : []
  return urls.flatMap((url) => (url === undefined || /^https?:/i.test(url) ? [] : [url.replace(/^\.\//, "")]))
}

/**
 * Makes the repository where there is none and brings it to exactly this model, card and pictures in one commit.
 * @throws HubError with one sentence, also for a card that the Hub would not understand
 */
export async function pushModel(connection: HubConnection, id: string, options: PushModelOptions): Promise<Pushed> {
  const { folder, card, samples = [], documents = [], visibility, title = "Model", signal, onEvent } = options
  const repository = checkRepository({ type: "model", id })
  const errors = checkModelCard(card).filter(({ level }) => level === "error")
  if (errors.length > 0) {
    const list = errors.map(({ field, message }) => `${field} ${message}`.trim().replace(/\.$/, "")).join("; ")
    throw new HubError("badData", `The model card would not be understood: ${list}.`)
  }
  try {
    const { files } = await modelFiles(folder)
    const pictures = samples.map(({ file }, index) => ({ path: samplePath(index, file), file }))
    const sent = new Set([...files, ...pictures, ...documents].map(({ path }) => path))
    const lost = imagesShown(card).find((path) => !sent.has(path))
    if (lost !== undefined)
      throw new HubError(
        "badData",
        `The model card shows ${lost}, which is not among the files of this push; add it, or take it out of widget.`,
      )
    await createRepository(connection, repository, { signal, ...(visibility && { visibility }) })
    return await pushFiles(connection, [{ path: "README.md", content: card }, ...files, ...pictures, ...documents], {
      repository,
      title,
      // Weights and pictures of an earlier version would be taken for this one's.
      remove: (path) =>
        components.test(path) || /^images\/sample-\d+\.\w+$/.test(path) || /^[^/]+\.safetensors$/.test(path),
      signal,
      onEvent,
    })
  } catch (error) {
    throw explain(error, `pushing ${id}`, connection.endpoint)
  }
}
