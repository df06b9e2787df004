/** What two images were made with differently, in the words of the form. Pure. */

import type { ImageDetailQuery } from "../../graphql/generated/graphql.ts"
import { readSettings } from "./recall.ts"

type Image = NonNullable<ImageDetailQuery["generatedImage"]>
type Difference = { name: string; left: string; right: string }

function facts(image: Image): [string, string][] {
  const { prompt, negativePrompt, steps, guidanceScale, scheduler } = readSettings(image.settings)
  const { model, checkpoint, baseModel, generation } = image.lineage
  const lora = ({ model: trained, checkpoint: saved, weight }: (typeof generation.loras)[number]) =>
    `${trained?.name ?? (saved === null ? "deleted" : `${saved.run.name}, step ${saved.step}`)} × ${weight}`
  const all: [string, string | number | undefined][] = [
    ["Prompt", prompt ?? image.prompt],
    ["Without", negativePrompt],
    ["Model", model?.name ?? (checkpoint === null ? baseModel?.name : `checkpoint of step ${checkpoint.step}`)],
    [
      "Starts from",
      generation.imageToImage === null ? "noise" : `a picture, strength ${generation.imageToImage.strength}`,
    ],
    ["LoRAs", generation.loras.map(lora).join(", ")],
    ["Embeddings", generation.embeddings.map(({ model, token }) => model?.name ?? token).join(", ")],
    ["Seed", image.seed],
    ["Steps", steps],
    ["Guidance", guidanceScale],
    ["Scheduler", scheduler],
    ["Size", `${image.width} × ${image.height}`],
  ]
  return all.map(([name, value]) => [name, value === undefined || value === "" ? "–" : String(value)])
}

/** @returns only what differs, in the order of the form. */
export function differences(first: Image, second: Image): Difference[] {
  const others = new Map(facts(second))
  return facts(first).flatMap(([name, left]) => {
    const right = others.get(name) ?? "–"
    return left === right ? [] : [{ name, left, right }]
  })
}
