/**
 * The configuration file of the tutorial (StatsGary/dreambooth-fine-tuning-pytorch), read unchanged.
 *
 * Its loop fixes what its file does not say: full UNet, seed 3434554, unpadded prompts, Resize + CenterCrop, AdamW's
 * defaults, a constant learning rate.
 */

import { z } from "zod"
import { type TrainingConfig, trainingConfig } from "./trainingConfig.ts"

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

/** @throws z.ZodError, with the names of TrainingConfig, when a value is out of range. */
export function fromTutorialConfig(config: TutorialConfig): { training: TrainingConfig; evaluation?: Evaluation } {
  const train = config.train_params
  const training = trainingConfig.parse({
    model: train.stable_diffusion_backbone,
    instanceImages: train.hugging_face_image_store,
    instancePrompt: `a photo of ${train.concept_name} ${train.item_type}`,
    output: train.model_checkpoint_name,
    method: "full",
    learningRate: train.learning_rate,
    maxTrainSteps: train.max_train_steps,
    resolution: train.resolution,
    centerCrop: true,
    trainBatchSize: train.train_bs,
    gradientAccumulationSteps: train.grad_accum_steps,
    maxGradNorm: train.max_gradient_norm,
    sampleBatchSize: train.sample_batch_size,
    shuffle: train.random_shuffle_train_set,
    use8bitAdam: train.use_8bit_optimizer,
    tokenPadding: "longest",
    seed: 3434554,
  })
  const evaluation = config.eval_params
  if (evaluation === undefined) return { training }
  return {
    training,
    evaluation: { prompt: evaluation.eval_prompt, out: evaluation.image_save_path, guidanceScale: 7, numImages: 2 },
  }
}
