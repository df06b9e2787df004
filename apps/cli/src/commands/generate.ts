/** `fjord generate`: makes images from a prompt. */

import { existsSync } from "node:fs"
import { type GenerationConfig, generationConfig } from "@fjord/contracts"
import { readGenerationFile } from "../configFile.ts"
import { localLora, localModel } from "../hubSources.ts"
import { settingsOfModel } from "../modelSettings.ts"
import { toFlag } from "../optionNames.ts"
import { createProgress } from "../progress.ts"
import { compareDrawn, recalledOptions, recallImage } from "../recall.ts"
import { requireWritable } from "../requireWritable.ts"
import { describeIssues, Sentence } from "../sentence.ts"
import { interruptedStatus, untilInterrupted } from "../stopping.ts"

/** Flags as commander gives them: texts, absent where not given. */
export type GenerateFlags = {
  readonly config?: string
  readonly from?: string
  readonly json: boolean
  readonly lora?: readonly string[]
  readonly embedding?: readonly string[]
} & { readonly [option in TextOption | NumberOption]?: string }

type TextOption = "model" | "prompt" | "negativePrompt" | "scheduler" | "initImage" | "saveLatents" | "out" | "provider"
type NumberOption = (typeof numberOptions)[number]
const numberOptions = ["steps", "guidanceScale", "seed", "numImages", "width", "height", "strength", "threads"] as const

/** `FILE` or `FILE:WEIGHT`; the weight is what follows the last colon, if it is a number. */
export function parseLora(text: string): { file: string; weight: number } {
  const weighted = /^(.+):([-+]?(?:\d+\.?\d*|\.\d+))$/.exec(text)
  if (weighted?.[1] === undefined) return { file: text, weight: 1 }
  return { file: weighted[1], weight: Number(weighted[2]) }
}

/** `FILE.safetensors` or `FILE.safetensors:TOKEN`. */
function parseEmbedding(text: string): { file: string; token?: string } {
  const [, file, token] = /^(.+\.safetensors):(.+)$/i.exec(text) ?? []
  return file === undefined || token === undefined ? { file: text } : { file, token }
}

/** The options of the flags that were given, with numbers read; a text that is no number is left for the schema. */
function givenOptions(flags: GenerateFlags): Record<string, unknown> {
  const { config: _config, from: _from, json: _json, lora, embedding, ...options } = flags
  const given: Record<string, unknown> = { ...options }
  for (const name of numberOptions) {
    const text = options[name]
    if (text !== undefined && text.trim() !== "" && !Number.isNaN(Number(text))) given[name] = Number(text)
  }
  if (lora !== undefined) given.loras = lora.map(parseLora)
  if (embedding !== undefined) given.embeddings = embedding.map(parseEmbedding)
  return given
}

/** The same with local files in place of ids of the Hub; undefined where Ctrl-C stopped a download. */
async function withLocalFiles(config: GenerationConfig, flags: { readonly json: boolean }) {
  const model = await localModel(config.model, flags)
  if (model === undefined) return undefined
  const loras: GenerationConfig["loras"] = []
  for (const { file, weight } of config.loras) {
    const local = await localLora(file, flags)
    if (local === undefined) return undefined
    loras.push({ file: local, weight })
  }
  return { ...config, model: model.folder, loras }
}

/** @returns the files made. @throws Sentence where an option is out of range or a file is missing. */
export async function generateImages(
  given: Readonly<Record<string, unknown>>,
  flags: { readonly json: boolean },
): Promise<string[]> {
  const options: Readonly<Record<string, unknown>> = { ...settingsOfModel(given.model).generation, ...given }
  const result = generationConfig.safeParse(options)
  if (!result.success) throw new Sentence(describeIssues(result.error, options, "fjord generate", toFlag))
  const { initImage } = result.data
  if (initImage === undefined && options.strength !== undefined)
    throw new Sentence("--strength needs a picture to start from: give --init-image FILE.")
  if (initImage !== undefined && !existsSync(initImage)) throw new Sentence(`The picture ${initImage} does not exist.`)
  requireWritable(result.data.out, "choose another place with --out")
  if (result.data.saveLatents !== undefined)
    requireWritable(result.data.saveLatents, "choose another place with --save-latents")
  const config = await withLocalFiles(result.data, flags)
  if (config === undefined) {
    process.exitCode = interruptedStatus
    return []
  }
  if (!existsSync(config.model))
    throw new Sentence(
      `The model folder ${config.model} does not exist; give a folder in diffusers' layout, or an id on the Hub.`,
    )
  for (const { file } of config.loras) {
    if (!existsSync(file)) throw new Sentence(`The LoRA file ${file} does not exist.`)
  }
  for (const { file } of config.embeddings) {
    if (!existsSync(file)) throw new Sentence(`The embedding file ${file} does not exist.`)
  }

  const { runInChild } = await import("@fjord/diffusion")
  const show = createProgress(process.stdout, flags)
  const files: string[] = []
  const interrupted = await untilInterrupted(async (signal) => {
    for await (const event of runInChild({ kind: "generate", config }, { signal })) {
      show(event)
      if (event.type === "ImageSaved") files.push(event.file)
    }
  }, "Stopping; Ctrl-C again stops at once.")
  if (interrupted) {
    // Below the bar, where there is one.
    const below = process.stdout.isTTY ? "\n" : ""
    process.stderr.write(`${below}Stopped; ${files.length} of ${config.numImages} images are in ${config.out}.\n`)
    process.exitCode = interruptedStatus
  }
  return files
}

/** Flags win over the file, and both over what an image says of itself. */
export async function generate(flags: GenerateFlags): Promise<void> {
  if (flags.config === undefined && flags.model === undefined)
    throw new Sentence("fjord generate needs a model: give --model DIR, or --config CONFIG.yml.")
  const fromFile = flags.config === undefined ? {} : readGenerationFile(flags.config)
  const given = { ...fromFile, ...givenOptions(flags) }
  if (flags.from === undefined) {
    await generateImages(given, flags)
    return
  }
  const [drawn] = await generateImages(recalledOptions(flags.from, await recallImage(flags.from), given), flags)
  if (drawn !== undefined) createProgress(process.stdout, flags)(await compareDrawn(flags.from, drawn))
}
