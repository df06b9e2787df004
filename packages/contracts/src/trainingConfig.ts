/** Every option of a DreamBooth training run, under diffusers' names in camelCase (snake_case in YAML). */

import { z } from "zod"
import { dependentDefaults } from "./dependentDefaults.ts"
import { machineOptions } from "./machineOptions.ts"
import { schedulerName } from "./scheduler.ts"

const path = () => z.string().min(1)
const positive = () => z.number().positive()
const count = () => z.int().positive()
const beta = () => z.number().min(0).lt(1)
/** PyTorch's CPU generator takes 64 bits; 53 survive JSON, and nobody needs more. */
export const seed = () => z.int().min(0).max(Number.MAX_SAFE_INTEGER)

/** A model reads 77 tokens of it; what is longer than this is a mistake, and would lie beside every image. */
export const prompt = () => z.string().max(10_000)

export const learningRateSchedules = [
  "constant",
  "constant_with_warmup",
  "linear",
  "cosine",
  "cosine_with_restarts",
  "polynomial",
] as const
export type LearningRateSchedule = (typeof learningRateSchedules)[number]

/**
 * The options as a person writes them: what is not given is absent, before the defaults that depend on other options.
 * `absent` says what absence means where it is not a plain default.
 */
export const trainingOptions = z.strictObject({
  model: path().describe(
    "Base model: a folder in diffusers' layout, or an id on the Hub, `owner/name` or `owner/name@revision`.",
  ),
  instanceImages: path().describe("Pictures of the subject: a folder, or the id of a data set on the Hub."),
  instancePrompt: prompt()
    .min(1)
    .optional()
    .describe("Prompt of every picture without a caption, e.g. `a photo of sks toy`; needed unless `captions` is on."),
  captions: z
    .boolean()
    .default(false)
    .describe("Take the prompt of a picture from the .txt file beside it; off, because DreamBooth uses one prompt."),
  output: path().describe("Folder that receives the result, the checkpoints and the samples."),

  method: z
    .enum(["full", "lora"])
    .default("lora")
    .describe("Train all UNet weights, or a LoRA; LoRA needs far less memory and gives a small file."),
  trainTextEncoder: z
    .boolean()
    .default(false)
    .describe("Train the text encoder too: closer likeness, more memory, sooner overfitted."),
  rank: count().max(1024).default(8).describe("LoRA rank; 8 holds one subject well."),
  loraAlpha: positive()
    .optional()
    .describe("LoRA alpha.")
    .meta({ absent: "equal to `rank`, so that the effective scale alpha / rank is 1" }),
  loraTargetModules: z
    .enum(["attention", "attention_and_feed_forward"])
    .default("attention")
    .describe("Layers with a LoRA: to_q, to_k, to_v, to_out.0 as in diffusers, or the feed-forward layers too."),
  loraConvolutions: z
    .boolean()
    .default(false)
    .describe("Give the UNet's convolutions a LoRA too (LoCon); off as in diffusers."),

  withPriorPreservation: z
    .boolean()
    .default(false)
    .describe("Train beside class images, so that the class keeps its other looks; doubles the work of a step."),
  classPrompt: prompt().min(1).optional().describe("Prompt of the class images, e.g. `a photo of a toy`."),
  classImages: path()
    .optional()
    .describe("Folder of class images; missing ones are generated into it once and reused by later runs."),
  numClassImages: count().max(100_000).default(200).describe("Class images to have; 200 as in diffusers' README."),
  classGuidanceScale: z
    .number()
    .min(0)
    .max(100)
    .default(7.5)
    .describe(
      "Guidance scale of the class images; lower keeps more of the class's variety, 1 all that the model knows.",
    ),
  priorLossWeight: z.number().min(0).default(1).describe("Weight of the class images' loss; 1.0 as in the paper."),
  sampleBatchSize: count().max(256).default(1).describe("Class images generated at once; 1 needs the least memory."),

  resolution: z
    .int()
    .min(8)
    .max(4096)
    .multipleOf(8)
    .default(512)
    .describe("Side of the square pictures in pixels; 512 is what SD 1.x was made for."),
  centerCrop: z
    .boolean()
    .default(true)
    .describe("Crop the middle to a square; subjects are usually in the middle. Not together with `random_crop`."),
  randomCrop: z.boolean().default(false).describe("Crop a random square instead, drawn anew for each use."),
  randomFlip: z
    .boolean()
    .default(false)
    .describe("Mirror half of the pictures; off, because it spoils lettering and one-sided subjects."),
  repeats: count().max(10_000).default(1).describe("How often each picture occurs in one epoch."),
  shuffle: z.boolean().default(true).describe("Draw the pictures in random order, anew in each epoch."),
  cacheLatents: z
    .boolean()
    .default(true)
    .describe("Encode pictures and prompts once and keep the result; every later step is cheaper."),
  tokenPadding: z
    .enum(["max_length", "longest"])
    .default("max_length")
    .describe("Pad prompts to the encoder's 77 tokens as generation does, or to the longest of the batch."),

  trainBatchSize: count().max(1024).default(1).describe("Pictures per forward pass; 1 needs the least memory."),
  gradientAccumulationSteps: count()
    .max(10_000)
    .default(1)
    .describe("Forward passes per optimiser step; raises the effective batch without more memory."),
  maxTrainSteps: count()
    .max(10_000_000)
    .optional()
    .describe("Optimiser steps.")
    .meta({ absent: "800 for a full run and 500 for a LoRA" }),
  learningRate: positive()
    .max(1)
    .optional()
    .describe("How far a step moves the weights: too high forgets, too low does not learn.")
    .meta({ absent: "1e-4 for a LoRA, 5e-6 for a full run, 2e-6 for a full run with the text encoder" }),
  textEncoderLearningRate: positive()
    .max(1)
    .optional()
    .describe("The text encoder's own rate; it overfits first.")
    .meta({ absent: "5e-6, or `learning_rate` where that is lower" }),
  lrScheduler: z
    .enum(learningRateSchedules)
    .default("constant")
    .describe("Course of the learning rate; constant suits runs this short."),
  lrWarmupSteps: z.int().min(0).default(0).describe("Steps over which the learning rate rises from 0."),
  lrNumCycles: positive()
    .optional()
    .describe("Hard restarts of `cosine_with_restarts`, or waves of `cosine`.")
    .meta({ absent: "1 restart, or half a wave" }),
  lrPower: positive().default(1).describe("Power of `polynomial`; 1 is a straight line."),
  adamBeta1: beta().default(0.9).describe("AdamW's decay of the mean gradient; 0.9 as in PyTorch."),
  adamBeta2: beta().default(0.999).describe("AdamW's decay of the mean squared gradient; 0.999 as in PyTorch."),
  adamWeightDecay: z.number().min(0).max(1).default(0.01).describe("AdamW's weight decay; 1e-2 as in PyTorch."),
  adamEpsilon: positive().max(1).default(1e-8).describe("AdamW's epsilon; 1e-8 as in PyTorch."),
  use8bitAdam: z
    .boolean()
    .default(false)
    .describe("Keep AdamW's states in 8 bits as bitsandbytes does: saves 6 bytes per trained weight."),
  maxGradNorm: positive().default(1).describe("Gradients are scaled down to this norm; 1.0 as in diffusers."),

  snrGamma: positive().optional().describe("Min-SNR weighting of the loss; 5.0 when wanted.").meta({ absent: "off" }),
  noiseOffset: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe("Noise added per channel, for very dark or bright pictures; 0 is off."),
  seed: seed().default(42).describe("Start of all random numbers; always set, so that every run can be repeated."),

  validationPrompts: z.array(prompt().min(1)).max(64).default([]).describe("Prompts rendered while training."),
  validationSteps: count()
    .default(100)
    .describe("Optimiser steps between samples; the last step has its own in any case."),
  numValidationImages: count().max(64).default(1).describe("Samples per prompt, each with its own fixed seed."),
  validationGuidanceScale: z.number().min(0).max(100).default(7.5).describe("Guidance scale of the samples."),
  validationInferenceSteps: count().max(1000).default(30).describe("Denoising steps of the samples."),
  validationScheduler: schedulerName.default("dpmpp_2m").describe("Scheduler of the samples; good at few steps."),

  checkpointingSteps: count().default(100).describe("Optimiser steps between checkpoints: the most a crash costs."),
  checkpointsTotalLimit: count().default(5).describe("Checkpoints kept; the oldest is removed first."),

  memoryMode: z
    .enum(["auto", "recompute", "save"])
    .default("auto")
    .describe("Recompute activations (least memory), save them (fastest), or choose by the memory estimate."),
  frozenWeights: z
    .enum(["float32", "as_stored"])
    .default("as_stored")
    .describe("How weights that are not trained lie in memory; as_stored halves a 16-bit model's share."),
  ...machineOptions,
})

/** The checked configuration of a run: every default is filled in; absent options are off. */
export const trainingConfig = trainingOptions
  .superRefine((options, context) => {
    const complain = (key: keyof typeof options, message: string) =>
      context.addIssue({ code: "custom", path: [key], message, input: options[key] })
    if (options.instancePrompt === undefined && !options.captions)
      complain("instancePrompt", "is missing, and captions is off, so the pictures have no prompt; give one of the two")
    if (options.centerCrop && options.randomCrop)
      complain("randomCrop", "and center_crop cannot both be on; set center_crop: false")
    if (options.withPriorPreservation && options.classPrompt === undefined)
      complain("classPrompt", "is missing, and with_prior_preservation needs it, e.g. `a photo of a toy`")
    if (options.withPriorPreservation && options.classImages === undefined)
      complain("classImages", "is missing, and with_prior_preservation needs a folder to find or put class images in")
  })
  .transform((options) => {
    const defaults = dependentDefaults(options)
    return {
      ...options,
      loraAlpha: options.loraAlpha ?? defaults.loraAlpha,
      maxTrainSteps: options.maxTrainSteps ?? defaults.maxTrainSteps,
      learningRate: options.learningRate ?? defaults.learningRate,
      textEncoderLearningRate: options.textEncoderLearningRate ?? defaults.textEncoderLearningRate,
      lrNumCycles: options.lrNumCycles ?? defaults.lrNumCycles,
    }
  })

export type TrainingOptions = z.input<typeof trainingOptions>
export type TrainingConfig = z.infer<typeof trainingConfig>
