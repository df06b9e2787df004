/**
 * Settings that suit a model where the usual defaults do not: the file `fjord.json` in its folder. A small model wants
 * other learning rates and guidance than Stable Diffusion.
 */

import { z } from "zod"
import { type GenerationOptions, generationConfig } from "./generationConfig.ts"
import { trainingRunOptions } from "./runConfig.ts"
import type { TrainingOptions } from "./trainingConfig.ts"

export const modelSettingsFile = "fjord.json"

type Method = TrainingOptions["method"] & string
type TrainingSettings = Partial<Omit<z.input<typeof trainingRunOptions>, "method">>
type GenerationSettings = Pick<GenerationOptions, "steps" | "guidanceScale" | "scheduler">

export interface ModelSettings {
  /** Options of training by method, by their names in `TrainingOptions`. */
  readonly training: Readonly<Record<Method, TrainingSettings>>
  readonly generation: GenerationSettings
}

export const noModelSettings: ModelSettings = { training: { lora: {}, full: {} }, generation: {} }

const training = trainingRunOptions.omit({ method: true }).partial()
const checked = z.strictObject({
  training: z.strictObject({ lora: training.optional(), full: training.optional() }).optional(),
  generation: generationConfig.pick({ steps: true, guidanceScale: true, scheduler: true }).partial().optional(),
})

/**
 * What the file says and nothing more: no defaults are filled in, so that a person's own options can be laid over it.
 * @throws ZodError where an option is unknown or out of range.
 */
export function parseModelSettings(json: unknown): ModelSettings {
  checked.parse(json)
  const given = json as { training?: Partial<ModelSettings["training"]>; generation?: GenerationSettings }
  return { training: { lora: {}, full: {}, ...given.training }, generation: given.generation ?? {} }
}
