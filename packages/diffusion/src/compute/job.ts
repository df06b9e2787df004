/** What is asked of a compute process, and what it answers; the messages between it and its parent. */

import type { FjordEvent, GenerationConfig, TrainingConfig } from "@fjord/contracts"

export type Job =
  | { readonly kind: "train"; readonly config: TrainingConfig; readonly resume: boolean }
  | { readonly kind: "generate"; readonly config: GenerationConfig }

export type ToChild = { readonly type: "start"; readonly job: Job } | { readonly type: "stop" }
export type FromChild =
  | { readonly type: "event"; readonly event: FjordEvent }
  | { readonly type: "done" }
  | { readonly type: "stopped" }
  | { readonly type: "failed"; readonly message: string; readonly stack: string }
