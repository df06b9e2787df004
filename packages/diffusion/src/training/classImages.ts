/** Class images for prior preservation: generated once into a folder, reused by later runs. */

import { mkdir, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { FjordEvent, TrainingConfig } from "@fjord/contracts"
import { encodePng } from "../images/encodePng.ts"
import { findImages } from "../images/findImages.ts"
import { phaseEvent } from "../phaseEvent.ts"
import { renderImages } from "../renderImages.ts"
import { type Machine, type StableDiffusion, untuned } from "../stableDiffusion.ts"

type ClassImageConfig = Pick<
  TrainingConfig,
  | "classImages"
  | "classPrompt"
  | "numClassImages"
  | "seed"
  | "resolution"
  | "validationScheduler"
  | "validationInferenceSteps"
  | "classGuidanceScale"
>

/** Tops the folder up to `numClassImages`; image i is made with seed + i, so an interrupted run goes on with the same images. */
export async function* generateClassImages(
  model: StableDiffusion,
  config: ClassImageConfig,
  machine: Machine,
  signal?: AbortSignal,
): AsyncGenerator<FjordEvent> {
  const { classImages: folder, classPrompt: prompt, numClassImages: total, resolution } = config
  if (folder === undefined || prompt === undefined)
    throw new Error("class_images and class_prompt are needed with prior preservation")
  await mkdir(folder, { recursive: true })
  const present = new Set((await findImages(folder)).usable.map(({ file }) => file))
  const nameOf = (i: number) => `class-${String(i).padStart(5, "0")}.png`
  const missing = Array.from({ length: total }, (_, i) => i)
    .filter((i) => !present.has(nameOf(i)))
    .slice(0, Math.max(0, total - present.size))
  if (missing.length === 0) return
  const seeds = new Map(missing.map((i) => [config.seed + i, i]))
  let done = total - missing.length
  yield phaseEvent("classImages", done, total)
  const rendered = renderImages({
    model,
    tuning: untuned,
    machine,
    pictures: missing.map((i) => ({ prompt, seed: config.seed + i })),
    negativePrompt: "",
    steps: config.validationInferenceSteps,
    guidanceScale: config.classGuidanceScale,
    scheduler: config.validationScheduler,
    width: resolution,
    height: resolution,
    signal,
  })
  for await (const rendering of rendered) {
    if (rendering.kind === "step")
      yield phaseEvent(
        "classImages",
        total - missing.length + (rendering.step * missing.length) / rendering.total,
        total,
      )
    if (rendering.kind !== "picture") continue
    const file = join(folder, nameOf(seeds.get(rendering.picture.seed) as number))
    // Renamed when it is whole, so that a killed run leaves no half picture.
    await writeFile(`${file}.part`, await encodePng(rendering.image))
    await rename(`${file}.part`, file)
    done++
    yield { type: "ClassImageGenerated", index: done, total }
  }
}
