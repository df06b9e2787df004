/** What is asked of a compute process, and what it answers; the messages between it and its parent. */

import type { FjordEvent, GenerationConfig, TrainingConfig } from "@fjord/contracts"
import type { Conversion } from "./convert.ts"

export type Job =
  | { readonly kind: "train"; readonly config: TrainingConfig; readonly resume: boolean }
  /** The result of the newest checkpoint in the output folder. */
  | { readonly kind: "promote"; readonly config: TrainingConfig }
  | { readonly kind: "generate"; readonly config: GenerationConfig; readonly previews?: boolean }
  | { readonly kind: "convert"; readonly conversion: Conversion }

/** What a training may be asked for between two steps. */
export type Wish = "save" | "sample"

export type ToChild =
  | { readonly type: "start"; readonly job: Job }
  | { readonly type: "stop" }
  | { readonly type: "wish"; readonly wish: Wish }
  /** The parent has done what it wants with the files of the last event: the child may go on and remove them. */
  | { readonly type: "seen" }

export type FromChild =
  | { readonly type: "event"; readonly event: FjordEvent }
  | { readonly type: "done" }
  | { readonly type: "stopped" }
  | { readonly type: "failed"; readonly message: string; readonly stack: string }

const withFiles: ReadonlySet<FjordEvent["type"]> = new Set([
  "CheckpointSaved",
  "SampleRendered",
  "ImageSaved",
  "ClassImageGenerated",
  "RunFinished",
])

/** Whether the child waits after this event until its parent has seen it. */
export const waitsAfter = (event: FjordEvent): boolean => withFiles.has(event.type)
