/** `fjord generate --from image.png`: the options that made an image, out of the text in its PNG. */

import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import type { EventOf } from "@fjord/contracts"
import { z } from "zod"
import { Sentence } from "./sentence.ts"

const file = z.looseObject({ file: z.string() })

/** As imageMetadata.ts of packages/diffusion writes it; the options are checked with all the others. */
const record = z.looseObject({
  modelHash: z.string(),
  loras: z.array(z.looseObject({ file: z.string(), weight: z.number() })).default([]),
  embeddings: z.array(z.looseObject({ file: z.string(), token: z.string() })).default([]),
  initImage: file.optional(),
})

const options = [
  "prompt",
  "negativePrompt",
  "steps",
  "guidanceScale",
  "scheduler",
  "seed",
  "width",
  "height",
  "provider",
  "threads",
] as const

export type Recalled = z.infer<typeof record>

/** @throws Sentence for what is no PNG that Fjord made. */
export async function recallImage(image: string): Promise<Recalled> {
  if (!existsSync(image)) throw new Sentence(`The image ${image} does not exist.`)
  const { readPngText } = await import("@fjord/diffusion")
  let text: string | undefined
  try {
    text = readPngText(await readFile(image)).get("fjord")
  } catch (cause) {
    throw new Sentence(`${image} cannot be drawn again: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
  if (text === undefined)
    throw new Sentence(
      `${image} does not say how it was made: it is not one of Fjord's, or a program has removed the text in it.`,
    )
  try {
    return record.parse(JSON.parse(text))
  } catch (cause) {
    throw new Sentence(`${image} says how it was made in a way that this version of Fjord does not read.`, { cause })
  }
}

/**
 * The image's options below those that are given. Files are known by their names alone: a person says where they lie.
 * @throws Sentence where it was made with files that are not given
 */
export function recalledOptions(
  image: string,
  recalled: Recalled,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { loras, embeddings, initImage } = recalled
  const missing = [
    ...(given.loras === undefined ? loras.map(({ file, weight }) => `--lora ${file}:${weight}`) : []),
    ...(given.embeddings === undefined ? embeddings.map(({ file, token }) => `--embedding ${file}:${token}`) : []),
    ...(given.initImage === undefined && initImage ? [`--init-image ${initImage.file}`] : []),
  ]
  if (missing.length > 0)
    throw new Sentence(`${image} was made with files that are not given; say where they lie: ${missing.join(" ")}.`)
  const own = Object.fromEntries(options.map((name) => [name, recalled[name]]))
  return { ...own, ...(initImage && { strength: recalled.strength }), ...given }
}

const words: Readonly<Record<string, string>> = {
  modelHash: "another model",
  loras: "other LoRAs",
  embeddings: "other embeddings",
  initImage: "another picture to start from",
  version: "another version of Fjord",
}

/** Says whether the image that was drawn again is the same, and if not what differs beside the options that were given. */
export async function compareDrawn(image: string, drawn: string): Promise<EventOf<"Message">> {
  const [before, after] = [await readFile(image), await readFile(drawn)]
  if (before.equals(after)) return { type: "Message", level: "info", text: `${drawn} is ${image}, byte for byte.` }
  const [was, is] = [await recallImage(image), await recallImage(drawn)]
  const changed = Object.keys({ ...was, ...is }).filter((key) => JSON.stringify(was[key]) !== JSON.stringify(is[key]))
  const named = changed.map(
    (key) => words[key] ?? `${key} ${JSON.stringify(is[key])} instead of ${JSON.stringify(was[key])}`,
  )
  const why =
    named.length === 0 ? "though everything that is written down is the same" : `drawn with ${named.join(", ")}`
  return { type: "Message", level: "warning", text: `${drawn} is not ${image}: ${why}.` }
}
