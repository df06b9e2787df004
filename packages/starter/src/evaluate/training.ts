/** DreamBooth on the starter model: the settings that suit its size. */

import type { TrainingOptions } from "@fjord/contracts"
import { sampling } from "./renderer.ts"

export type Method = { readonly method: "lora" | "full"; readonly withPriorPreservation: boolean }

export const methods: readonly Method[] = [
  { method: "lora", withPriorPreservation: false },
  { method: "lora", withPriorPreservation: true },
  { method: "full", withPriorPreservation: false },
  { method: "full", withPriorPreservation: true },
]

/** What a run needs to know beside its settings. */
export type Task = {
  readonly model: string
  readonly instanceImages: string
  readonly instancePrompt: string
  readonly classImages: string
  readonly classPrompt: string
  readonly output: string
  readonly resolution: number
  readonly threads: number
  readonly seed: number
  /** Fewer than the recipe's, for a trial. */
  readonly maxTrainSteps?: number
}

/** Class images beside which it is trained with prior preservation. */
export const classImageCount = 32

/** A small model learns faster than Stable Diffusion, from more pictures at a time, and its text encoder learns along. */
const recipe = {
  lora: { learningRate: 1e-3, textEncoderLearningRate: 1e-3, maxTrainSteps: 200, rank: 16 },
  full: { learningRate: 2e-4, textEncoderLearningRate: 2e-4, maxTrainSteps: 150 },
} as const

export function starterTraining({ maxTrainSteps, ...task }: Task, { method, withPriorPreservation }: Method) {
  return {
    ...task,
    method,
    withPriorPreservation,
    ...recipe[method],
    ...(maxTrainSteps !== undefined && { maxTrainSteps }),
    trainTextEncoder: true,
    loraTargetModules: "attention_and_feed_forward",
    loraConvolutions: true,
    numClassImages: classImageCount,
    trainBatchSize: 4,
    lrScheduler: "cosine",
    lrWarmupSteps: 10,
    randomFlip: true,
    checkpointingSteps: 1_000_000,
    validationSteps: 1_000_000,
    validationGuidanceScale: sampling.guidanceScale,
    validationInferenceSteps: sampling.steps,
    validationScheduler: sampling.scheduler,
  } satisfies TrainingOptions
}
