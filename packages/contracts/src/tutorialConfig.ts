/**
 * The configuration file of the tutorial (StatsGary/dreambooth-fine-tuning-pytorch), read unchanged.
 *
 * Its loop fixes what its file does not say: full UNet, seed 3434554, unpadded prompts, Resize + CenterCrop, AdamW's
 * defaults, a constant learning rate.
 */

import { z } from "zod"
import type { TrainingOptions } from "./trainingConfig.ts"

/** Readers of YAML 1.1 take `2e-06` for a string, and `True` is one to readers of JSON. */
const numberOrText = (schema: z.ZodType<number>) =>
  z.preprocess((value) => (typeof value === "string" && value.trim() !== "" ? Number(value) : value), schema)
const booleanOrText = z.preprocess((value) => {
  if (typeof value !== "string" || !/^(true|false)$/i.test(value)) return value
  return value.toLowerCase() === "true"
}, z.boolean())
const text = () => z.string().min(1)

export const tutorialConfig = z.strictObject({
  train_params: z.strictObject({
    stable_diffusion_backbone: text(),
    feature_extractor: text().optional(),
    hugging_face_image_store: text(),
    learning_rate: numberOrText(z.number()),
    max_train_steps: numberOrText(z.number()),
    resolution: numberOrText(z.number()).default(512),
    train_bs: numberOrText(z.number()).default(1),
    grad_accum_steps: numberOrText(z.number()).default(1),
    max_gradient_norm: numberOrText(z.number()).default(1),
    sample_batch_size: numberOrText(z.number()).default(1),
    model_checkpoint_name: text(),
    random_shuffle_train_set: booleanOrText.default(true),
    use_8bit_optimizer: booleanOrText.default(false),
    concept_name: text(),
    item_type: text(),
  }),
  eval_params: z.strictObject({ image_save_path: text(), eval_prompt: text() }).optional(),
})

export type TutorialConfig = z.infer<typeof tutorialConfig>

/** The images that the tutorial's inference script makes after training. */
export type Evaluation = {
  readonly prompt: string
  readonly out: string
  readonly guidanceScale: number
  readonly numImages: number
}

/** Where an option of ours has its value from in the tutorial's train_params. */
export const tutorialNames = {
  model: "stable_diffusion_backbone",
  instanceImages: "hugging_face_image_store",
  output: "model_checkpoint_name",
  learningRate: "learning_rate",
  maxTrainSteps: "max_train_steps",
  resolution: "resolution",
  trainBatchSize: "train_bs",
  gradientAccumulationSteps: "grad_accum_steps",
  maxGradNorm: "max_gradient_norm",
  sampleBatchSize: "sample_batch_size",
  shuffle: "random_shuffle_train_set",
  use8bitAdam: "use_8bit_optimizer",
} as const satisfies Partial<Record<keyof TrainingOptions, keyof TutorialConfig["train_params"]>>

/** What the tutorial's file asks for. */
export type TutorialRun = {
  readonly training: TrainingOptions
  /** Folder or Hub id of the image processor that the saved pipeline gets. */
  readonly featureExtractor?: string
  readonly evaluation?: Evaluation
}

/** @returns options still to be checked by trainingConfig: the tutorial's file may hold values out of range. */
export function fromTutorialConfig(config: TutorialConfig): TutorialRun {
  const train = config.train_params
  const training: TrainingOptions = {
    model: train[tutorialNames.model],
    instanceImages: train[tutorialNames.instanceImages],
    output: train[tutorialNames.output],
    learningRate: train[tutorialNames.learningRate],
    maxTrainSteps: train[tutorialNames.maxTrainSteps],
    resolution: train[tutorialNames.resolution],
    trainBatchSize: train[tutorialNames.trainBatchSize],
    gradientAccumulationSteps: train[tutorialNames.gradientAccumulationSteps],
    maxGradNorm: train[tutorialNames.maxGradNorm],
    sampleBatchSize: train[tutorialNames.sampleBatchSize],
    shuffle: train[tutorialNames.shuffle],
    use8bitAdam: train[tutorialNames.use8bitAdam],
    instancePrompt: `a photo of ${train.concept_name} ${train.item_type}`,
    method: "full",
    centerCrop: true,
    tokenPadding: "longest",
    seed: 3434554,
  }
  const run = {
    training,
    ...(train.feature_extractor !== undefined && { featureExtractor: train.feature_extractor }),
  }
  const evaluation = config.eval_params
  if (evaluation === undefined) return run
  return {
    ...run,
    evaluation: { prompt: evaluation.eval_prompt, out: evaluation.image_save_path, guidanceScale: 7, numImages: 2 },
  }
}
