/** The events that a run's rows hold: those of events.ts with ids of rows in the place of paths, and the run's own. */

import { z } from "zod"
import { fileHash } from "./datasetManifest.ts"
import { fjordEvent } from "./events.ts"
import { failure } from "./failure.ts"

const index = z.int().min(0)
const bytes = z.number().min(0)

export const runStatuses = ["QUEUED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"] as const

const replaced = ["SampleRendered", "CheckpointSaved", "RunFinished", "ImageSaved"] as const
const kept = fjordEvent.options.filter((option) => !(replaced as readonly string[]).includes(option.shape.type.value))

/** Events that say the same in a file of events and in a row. */
type Kept = Exclude<z.infer<typeof fjordEvent>, { type: (typeof replaced)[number] }>

const own = z.discriminatedUnion("type", [
  /** `attempt` counts the claims; `reason` says why a run left RUNNING without an end, in words. */
  z.object({
    type: z.literal("StatusChanged"),
    status: z.enum(runStatuses),
    attempt: index,
    workerName: z.string().optional(),
    failure: failure.optional(),
    reason: z.string().optional(),
  }),
  z.object({
    type: z.literal("SampleRendered"),
    step: index,
    promptIndex: index,
    prompt: z.string(),
    seed: index,
    sampleId: z.string(),
    hash: fileHash,
  }),
  z.object({ type: z.literal("CheckpointSaved"), step: index, checkpointId: z.string(), byteSize: bytes }),
  z.object({
    type: z.literal("RunFinished"),
    modelId: z.string().optional(),
    files: z.array(z.string()),
    peakBytes: bytes,
    estimateBytes: bytes,
  }),
  /** `index` counts the images of the generation from 0. */
  z.object({ type: z.literal("ImageSaved"), index, seed: index, imageId: z.string(), hash: fileHash }),
])

export type RecordedEvent = Kept | z.infer<typeof own>
export type RecordedEventOf<Type extends RecordedEvent["type"]> = Extract<RecordedEvent, { type: Type }>

/** For reading rows. */
export const recordedEvent: z.ZodType<RecordedEvent> = z.union([own, ...kept]) as z.ZodType<RecordedEvent>

/** A look at an image while it is made: sent to whoever follows the run, kept nowhere. */
export const preview = z.object({
  type: z.literal("Preview"),
  step: index,
  total: index,
  /** A small JPEG. */
  dataUrl: z.string(),
})

export type Preview = z.infer<typeof preview>
