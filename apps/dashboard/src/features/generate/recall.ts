/** Settings of an image, read from wherever they come: Fjord's own record, Fjord's PNGs, AUTOMATIC1111's PNGs. Pure. */

import type { ImageDetailQuery } from "../../graphql/generated/graphql.ts"
import type { EmbeddingChoice, LoraChoice, Source, StartImage } from "./generation.ts"

export type Recalled = {
  source?: Source
  loras?: readonly LoraChoice[]
  embeddings?: readonly EmbeddingChoice[]
  startImage?: StartImage
  prompt?: string
  negativePrompt?: string
  seed?: number
  steps?: number
  guidanceScale?: number
  scheduler?: string
  width?: number
  height?: number
}

const numberNames = ["seed", "steps", "guidanceScale", "width", "height"] as const
const textNames = ["prompt", "negativePrompt", "scheduler"] as const

/** @param settings JSON of an image: the options lie at its top or under `options`; what is at the top wins. */
export function readSettings(settings: unknown): Recalled {
  if (typeof settings !== "object" || settings === null) return {}
  const inner = "options" in settings ? readSettings(settings.options) : {}
  const own: Recalled = {}
  const fields: Record<string, unknown> = { ...settings }
  for (const name of numberNames) {
    const value = fields[name]
    if (typeof value === "number") own[name] = value
  }
  for (const name of textNames) {
    const value = fields[name]
    if (typeof value === "string") own[name] = value
  }
  return { ...inner, ...own }
}

/** Everything that drew an image of this studio: its settings, the model, LoRAs and embeddings, the picture it started from. */
export function recallFromImage(image: Detail): Recalled {
  const { lineage, settings, prompt, seed } = image
  return {
    prompt,
    seed,
    ...readSettings(settings),
    ...readSource(settings, lineage.run?.id),
    ...readStart(lineage.generation.imageToImage),
    embeddings: lineage.generation.embeddings.flatMap(({ model, token }) =>
      model === null ? [] : [{ id: model.id, name: model.name, token }],
    ),
    loras: lineage.generation.loras.flatMap(({ model, checkpoint, weight }): LoraChoice[] => {
      if (model !== null) return [{ kind: "model", id: model.id, name: model.name, weight }]
      if (checkpoint === null) return []
      return [
        { kind: "checkpoint", id: checkpoint.id, name: `${checkpoint.run.name}, step ${checkpoint.step}`, weight },
      ]
    }),
  }
}

type Detail = NonNullable<ImageDetailQuery["generatedImage"]>

/** A picture that was deleted since cannot be started from again. */
function readStart(start: Detail["lineage"]["generation"]["imageToImage"]): { startImage?: StartImage } {
  if (start === null) return {}
  const { strength, generatedImage, image } = start
  if (generatedImage !== null)
    return { startImage: { kind: "generatedImage", id: generatedImage.id, url: generatedImage.thumbnailUrl, strength } }
  return image === null ? {} : { startImage: { kind: "image", id: image.id, url: image.thumbnailUrl, strength } }
}

/** @param settings holds the generator as `{ kind, id }`; a checkpoint whose run is gone cannot be chosen again. */
function readSource(settings: unknown, runId: string | undefined): { source?: Source } {
  if (typeof settings !== "object" || settings === null || !("generator" in settings)) return {}
  const { generator } = settings
  if (typeof generator !== "object" || generator === null || !("kind" in generator) || !("id" in generator)) return {}
  const { kind, id } = generator
  if (typeof id !== "string") return {}
  if (kind === "baseModel" || kind === "model") return { source: { kind, id } }
  if (kind === "checkpoint" && runId !== undefined) return { source: { kind, id, runId } }
  return {}
}

/** AUTOMATIC1111's names of samplers that Fjord has too, and those that Fjord writes. */
const samplers: Record<string, string> = {
  "dpm++ 2m": "dpmpp_2m",
  "dpm++ 2m karras": "dpmpp_2m_karras",
  "dpm++ 2s": "dpmpp_2s",
  euler: "euler",
  "euler a": "euler_ancestral",
  ddim: "ddim",
  ddpm: "ddpm",
  lms: "lms",
  heun: "heun",
  unipc: "unipc",
  deis: "deis",
  dpm2: "dpm2",
  lcm: "lcm",
  pndm: "pndm",
  plms: "pndm",
}

/** LoRAs stand in the prompt there; the words are no part of what the image shows. */
const loraTag = /\s*<(?:lora|lyco):[^>]*>/g

/**
 * The text that AUTOMATIC1111 keeps under `parameters`: the prompt, a line "Negative prompt: …", then one line of
 * "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512, …".
 */
export function readA1111(text: string): Recalled {
  const lines = text.split("\n")
  const at = lines.findLastIndex((line) => /^Steps: \d+/.test(line))
  const details = at < 0 ? "" : (lines[at] ?? "")
  const above = at < 0 ? lines : lines.slice(0, at)
  const negativeAt = above.findIndex((line) => line.startsWith("Negative prompt: "))
  const prompt = above
    .slice(0, negativeAt < 0 ? undefined : negativeAt)
    .join("\n")
    .replace(loraTag, "")
    .trim()
  const negativePrompt =
    negativeAt < 0 ? "" : above.slice(negativeAt).join("\n").slice("Negative prompt: ".length).trim()
  const detail = (name: string) => new RegExp(`(?:^|, )${name}: ([^,]+)`).exec(details)?.[1]?.trim()
  const number = (name: string) => {
    const value = Number(detail(name))
    return Number.isFinite(value) ? value : undefined
  }
  const [width, height] = (detail("Size") ?? "").split("x").map(Number)
  const sampler = [detail("Sampler"), detail("Schedule type")]
    .filter((part) => part !== undefined && part !== "Automatic")
    .join(" ")
    .toLowerCase()
  return withoutAbsent({
    prompt,
    negativePrompt,
    seed: number("Seed"),
    steps: number("Steps"),
    guidanceScale: number("CFG scale"),
    scheduler: samplers[sampler],
    width: width || undefined,
    height: height || undefined,
  })
}

type Loose<Type> = { [Key in keyof Type]?: Type[Key] | undefined }
const withoutAbsent = (values: Loose<Recalled>): Recalled =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

/** What the texts of a PNG say, Fjord's own before AUTOMATIC1111's; undefined when they say nothing. */
export function recallFromTexts(texts: ReadonlyMap<string, string>): Recalled | undefined {
  const own = texts.get("fjord")
  if (own !== undefined) {
    try {
      return readSettings(JSON.parse(own))
    } catch {
      // A damaged record; the other one may still be whole.
    }
  }
  const parameters = texts.get("parameters")
  return parameters === undefined ? undefined : readA1111(parameters)
}
