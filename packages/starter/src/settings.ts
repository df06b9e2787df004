/** What suits a model as small as the starter: exported with it as fjord.json, and what demo and evaluation train with. */

import type { ModelSettings } from "@fjord/contracts"

/** How it is sampled; what its model card recommends. */
export const sampling = { steps: 25, guidanceScale: 4, scheduler: "dpmpp_2m" } as const

/**
 * A small model learns faster than Stable Diffusion, from more pictures at a time. Its text encoder learns along, but
 * slowly: at the UNet's rate every prompt soon means the pictures' own backgrounds.
 */
const usual = {
  trainTextEncoder: true,
  textEncoderLearningRate: 1e-4,
  trainBatchSize: 4,
  lrScheduler: "cosine",
  lrWarmupSteps: 10,
  randomFlip: true,
  // Guided twice, when they are drawn and when the tuned model is asked, class images would end up all alike.
  classGuidanceScale: 1,
  validationSteps: 50,
  validationGuidanceScale: sampling.guidanceScale,
  validationInferenceSteps: sampling.steps,
  validationScheduler: sampling.scheduler,
} as const

const lora = {
  learningRate: 2e-3,
  maxTrainSteps: 250,
  rank: 16,
  loraTargetModules: "attention_and_feed_forward",
  loraConvolutions: true,
} as const

const full = { learningRate: 5e-4, maxTrainSteps: 150 } as const

/** @param resolution side of its pictures in pixels */
export const starterSettings = (resolution: number) => {
  const common = { ...usual, resolution }
  return {
    training: { lora: { ...common, ...lora }, full: { ...common, ...full } },
    generation: sampling,
  } satisfies ModelSettings
}
