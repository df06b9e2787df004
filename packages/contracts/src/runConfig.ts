/** What the row of a run asks for, by kind: options without paths, and ids of rows. The worker puts the paths in. */

import { z } from "zod"
import { fileHash } from "./datasetManifest.ts"
import { generationConfig, stepsOfStrength, strength } from "./generationConfig.ts"
import { type TrainingConfig, trainingConfig, trainingOptions } from "./trainingConfig.ts"

const id = () => z.string().min(1)

/** Options of training that a person chooses; the folders of `trainingOptions` are the worker's. */
export const trainingRunOptions = trainingOptions.omit({
  model: true,
  instanceImages: true,
  output: true,
  classImages: true,
})

export type TrainingRunOptions = z.input<typeof trainingRunOptions>

type TrainingFolders = Pick<TrainingConfig, "model" | "instanceImages" | "output"> & { readonly classImages: string }

/** The whole configuration of a run in `folders`. @throws ZodError where the options do not go together. */
export function completeTraining(options: TrainingRunOptions, folders: TrainingFolders): TrainingConfig {
  const { classImages, ...paths } = folders
  return trainingConfig.parse({ ...options, ...paths, ...(options.withPriorPreservation && { classImages }) })
}

/**
 * Hub commit of the base model, written by the run's first worker: every attempt, and every run that repeats it, uses
 * the same weights, whatever has changed on the Hub.
 */
const baseCommit = () =>
  z
    .string()
    .regex(/^[0-9a-f]{40}$/, "is no commit of the Hub")
    .optional()

/** Of a run with a base model (`baseModelId`) and the pictures of a data set (`datasetVersionId`). */
export const trainingRunConfig = z
  .strictObject({ options: trainingRunOptions, baseCommit: baseCommit() })
  .superRefine(({ options }, context) => {
    const result = trainingConfig.safeParse({
      ...options,
      model: "-",
      instanceImages: "-",
      output: "-",
      ...(options.withPriorPreservation && { classImages: "-" }),
    })
    for (const { path, message } of result.error?.issues ?? [])
      context.addIssue({ code: "custom", path: ["options", ...path], message, input: options })
  })

export const generationRunOptions = generationConfig.omit({
  model: true,
  initImage: true,
  strength: true,
  loras: true,
  embeddings: true,
  saveLatents: true,
  out: true,
})

export type GenerationRunOptions = z.input<typeof generationRunOptions>

/** What draws: a base model alone, a trained model (with its base where it is a LoRA), or a checkpoint of a run. */
const generator = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("baseModel"), id: id() }),
  z.strictObject({ kind: z.literal("model"), id: id() }),
  z.strictObject({ kind: z.literal("checkpoint"), id: id() }),
])

/** A LoRA on top, from a model or a checkpoint of a LoRA run. */
export const loraOnTop = z.strictObject({
  kind: z.enum(["model", "checkpoint"]),
  id: id(),
  weight: z.number().min(-10).max(10).default(1),
})

export const generationRunConfig = z
  .strictObject({
    generator,
    loras: z.array(loraOnTop).max(32).default([]),
    /** Models that are textual-inversion embeddings, each with the word that stands for it in the prompt. */
    embeddings: z
      .array(z.strictObject({ id: id(), token: z.string().min(1) }))
      .max(32)
      .default([]),
    options: generationRunOptions,
    baseCommit: baseCommit(),
    /** The board that receives the images. */
    boardId: id().optional(),
    /** Start from a picture of the file store instead of noise; 1 keeps nothing of it. */
    /** Keeps the final latents of all images as one file of the run. */
    saveLatents: z.boolean().default(false),
    imageToImage: z.strictObject({ hash: fileHash, strength: strength() }).optional(),
  })
  .superRefine(({ options: { steps }, imageToImage }, context) => {
    if (imageToImage === undefined || stepsOfStrength(steps, imageToImage.strength) > 0) return
    const message = `${imageToImage.strength} of ${steps} steps is less than one; give more steps or more strength.`
    context.addIssue({ code: "custom", path: ["imageToImage", "strength"], message, input: imageToImage.strength })
  })

export type GenerationRunConfig = z.infer<typeof generationRunConfig>
