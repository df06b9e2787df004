/** What training and generation tell whoever listens: one union by `type`, names in the past tense where they can be. */

import { z } from "zod"
import { phaseProgress } from "./phase.ts"

const index = z.int().min(0)
const bytes = z.number().min(0)

export const fjordEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("MemoryEstimated"), estimateBytes: bytes, mode: z.enum(["recompute", "save"]) }),
  z.object({ type: z.literal("RunStarted"), steps: index, resumedFrom: index.optional() }),
  z.object({ type: z.literal("Message"), level: z.enum(["info", "warning"]), text: z.string() }),
  /** What is being done from now on, until another phase, a step or a checkpoint is told of. */
  z.object({ type: z.literal("PhaseProgressed"), ...phaseProgress.shape }),
  /** `index` counts from 1 to `total`. */
  z.object({ type: z.literal("ClassImageGenerated"), index, total: index }),
  /** `step` counts optimiser steps from 1; the losses are means over the step's micro-batches, before weighting. */
  z.object({
    type: z.literal("StepFinished"),
    step: index,
    loss: z.number(),
    instanceLoss: z.number().optional(),
    priorLoss: z.number().optional(),
    gradNorm: z.number(),
    learningRate: z.number(),
    secondsPerStep: z.number(),
    etaSeconds: z.number(),
    residentBytes: bytes,
  }),
  z.object({ type: z.literal("SampleRendered"), step: index, file: z.string(), prompt: z.string(), seed: index }),
  z.object({ type: z.literal("CheckpointSaved"), step: index, folder: z.string() }),
  z.object({
    type: z.literal("RunFinished"),
    folder: z.string(),
    files: z.array(z.string()),
    peakBytes: bytes,
    estimateBytes: bytes,
  }),
  /** `step` counts from 1 to `total`; `preview` is a small JPEG as a data URL, now and then, where previews are on. */
  z.object({ type: z.literal("DenoisingStep"), step: index, total: index, preview: z.string().optional() }),
  z.object({ type: z.literal("ImageSaved"), file: z.string(), seed: index }),
  /** How far a conversion, or a transfer to or from the Hub, is. */
  z.object({ type: z.literal("Transferred"), bytes, totalBytes: bytes }),
])

export type FjordEvent = z.infer<typeof fjordEvent>
/** The event of one type: `EventOf<"StepFinished">`. */
export type EventOf<Type extends FjordEvent["type"]> = Extract<FjordEvent, { type: Type }>
