/** What a run does while it makes no steps: before the first, between two of them, and after the last. */

import { z } from "zod"

/** Every phase, and how it is called to people: on the page, in the terminal, in the API. */
export const phases = {
  files: "Bringing model and pictures to the worker",
  model: "Loading the model",
  checksum: "Checking the model's files",
  classImages: "Drawing class pictures",
  pictures: "Reading the pictures",
  prompts: "Encoding the prompts",
  network: "Building the network",
  samples: "Drawing samples",
  firstStep: "Making the first step, the slowest",
  steps: "Training",
  checkpoint: "Saving a checkpoint",
  result: "Writing the model",
  image: "Decoding the image",
} as const

export type Phase = keyof typeof phases

/** `done` of `total` things where they can be counted; a thing that is half done is half of one. */
export const phaseProgress = z.object({
  phase: z.enum(Object.keys(phases) as [Phase, ...Phase[]]),
  done: z.number().min(0).optional(),
  total: z.int().min(1).optional(),
})

export type PhaseProgress = z.infer<typeof phaseProgress>

/** @returns "Drawing class pictures, 12 of 40" */
export function phaseText({ phase, done, total }: PhaseProgress): string {
  return done === undefined || total === undefined ? phases[phase] : `${phases[phase]}, ${Math.floor(done)} of ${total}`
}
