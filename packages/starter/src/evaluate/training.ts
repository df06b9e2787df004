/** The four ways of DreamBooth on the starter model that are compared. */

import type { TrainingOptions } from "@fjord/contracts"
import { starterSettings } from "../settings.ts"

export type Method = { readonly method: "lora" | "full"; readonly withPriorPreservation: boolean }

export const methods: readonly Method[] = [
  { method: "lora", withPriorPreservation: false },
  { method: "lora", withPriorPreservation: true },
  { method: "full", withPriorPreservation: false },
  { method: "full", withPriorPreservation: true },
]

/** What a run needs to know beside its settings. */
export type Task = {
  readonly model: string
  readonly instanceImages: string
  readonly instancePrompt: string
  readonly classImages: string
  readonly classPrompt: string
  readonly output: string
  readonly resolution: number
  readonly threads: number
  readonly seed: number
  /** Fewer than the recipe's, for a trial. */
  readonly maxTrainSteps?: number
}

/** Class images beside which it is trained with prior preservation. */
export const classImageCount = 32

export function starterTraining({ maxTrainSteps, ...task }: Task, { method, withPriorPreservation }: Method) {
  return {
    ...task,
    method,
    withPriorPreservation,
    ...starterSettings(task.resolution).training[method],
    ...(maxTrainSteps !== undefined && { maxTrainSteps }),
    numClassImages: classImageCount,
    checkpointingSteps: 1_000_000,
    validationSteps: 1_000_000,
  } satisfies TrainingOptions
}
