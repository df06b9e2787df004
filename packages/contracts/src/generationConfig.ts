/** Every option of making images from a prompt; together with the model it determines the images to the byte. */

import { z } from "zod"
import { machineOptions } from "./machineOptions.ts"
import { schedulerName } from "./scheduler.ts"
import { prompt, seed } from "./trainingConfig.ts"

const side = () => z.int().min(8).max(4096).multipleOf(8).optional()

export const strength = () => z.number().gt(0).max(1)

/** How many of `steps` image-to-image makes: the last int(steps · strength), as in diffusers. 0 means none is left to make. */
export const stepsOfStrength = (steps: number, strength: number): number => Math.trunc(steps * strength)

export const generationConfig = z.strictObject({
  model: z.string().min(1).describe("Model: a folder in diffusers' layout, or an id on the Hub."),
  prompt: prompt().describe("What the image shows."),
  negativePrompt: prompt().default("").describe("What the image does not show."),
  steps: z.int().positive().max(1000).default(30).describe("Denoising steps; 30 suffice for dpmpp_2m."),
  guidanceScale: z
    .number()
    .min(0)
    .max(100)
    .default(7.5)
    .describe("How closely the prompt is followed; at 1 or less guidance is off and a step costs half."),
  seed: seed().default(42).describe("Start of the random numbers; image i of several has seed + i."),
  scheduler: schedulerName.default("dpmpp_2m").describe("Sampler; dpmpp_2m is good at few steps."),
  numImages: z.int().positive().max(10_000).default(1).describe("How many images to make."),
  width: side().describe("In pixels, a multiple of 8.").meta({ absent: "the model's own size" }),
  height: side().describe("In pixels, a multiple of 8.").meta({ absent: "the model's own size" }),
  initImage: z.string().min(1).optional().describe("A picture to start from instead of noise: image to image."),
  strength: strength()
    .default(0.8)
    .describe("Share of the steps that are made on the picture to start from: near 0 keeps it, 1 replaces it."),
  loras: z
    .array(z.strictObject({ file: z.string().min(1), weight: z.number().min(-10).max(10).default(1) }))
    .max(32)
    .default([])
    .describe("LoRA files, with diffusers' or kohya's keys, or PEFT's folders, each with its weight."),
  embeddings: z
    .array(z.strictObject({ file: z.string().min(1), token: z.string().min(1).optional() }))
    .max(32)
    .default([])
    .describe("Textual-inversion files, each with the word that stands for it; absent, the word of the file."),
  saveLatents: z.string().min(1).optional().describe("A .safetensors file that receives the final latents."),
  out: z.string().min(1).describe("Folder that receives the images."),
  ...machineOptions,
})

export type GenerationOptions = z.input<typeof generationConfig>
export type GenerationConfig = z.infer<typeof generationConfig>
