/** Samples from the validation prompts with fixed seeds, so that one prompt's pictures can be compared from step to step. */

import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { FjordEvent, TrainingConfig } from "@fjord/contracts"
import { encodePng } from "../images/encodePng.ts"
import { phaseEvent } from "../phaseEvent.ts"
import { renderImages } from "../renderImages.ts"
import type { Machine, StableDiffusion, Tuning } from "../stableDiffusion.ts"

export async function* renderSamples(
  model: StableDiffusion,
  tuning: Tuning,
  config: TrainingConfig,
  machine: Machine,
  step: number,
  signal?: AbortSignal,
): AsyncGenerator<FjordEvent> {
  if (config.validationPrompts.length === 0) return
  const folder = join(config.output, "samples")
  await mkdir(folder, { recursive: true })
  const pictures = config.validationPrompts.flatMap((prompt) =>
    Array.from({ length: config.numValidationImages }, (_, i) => ({ prompt, seed: config.seed + i })),
  )
  yield phaseEvent("samples", 0, pictures.length)
  const rendered = renderImages({
    model,
    tuning,
    // The pipeline's weights are in memory already: no second, rearranged copy beside them.
    machine: { ...machine, weightsAsTheyLie: true },
    pictures,
    negativePrompt: "",
    steps: config.validationInferenceSteps,
    guidanceScale: config.validationGuidanceScale,
    scheduler: config.validationScheduler,
    width: config.resolution,
    height: config.resolution,
    signal,
  })
  for await (const rendering of rendered) {
    if (rendering.kind === "step")
      yield phaseEvent("samples", (rendering.step * pictures.length) / rendering.total, pictures.length)
    if (rendering.kind !== "picture") continue
    const { prompt, seed } = rendering.picture
    const index = config.validationPrompts.indexOf(prompt)
    const file = join(folder, `step-${String(step).padStart(8, "0")}-prompt-${index}-seed-${seed}.png`)
    await writeFile(file, await encodePng(rendering.image, { parameters: prompt }))
    yield { type: "SampleRendered", step, file, prompt, seed }
  }
}
