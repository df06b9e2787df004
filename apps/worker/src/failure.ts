/** Errors of a run, classified: what happened, why, and what to do. */

import type { Failure } from "@fjord/contracts"
import { HubError } from "@fjord/hub"
import { ZodError } from "zod"
import { hubFailure } from "./hubFailure.ts"

type Pattern = { readonly pattern: RegExp; readonly cause: string; readonly advice: string }

const patterns: readonly Pattern[] = [
  {
    pattern: /ENOSPC|no space left|disk is full|disk has only/i,
    cause: "The disk of the worker or of the file store is full.",
    advice:
      "Free space, e.g. by deleting old runs and models, then resume the run: it goes on from its last checkpoint.",
  },
  {
    pattern: /SIGKILL|memory ran out|bad_alloc|out of memory|does not fit|Failed to allocate/i,
    cause: "There was not enough memory for this configuration.",
    advice: "Set memory_mode: recompute, use_8bit_adam: true or a lower resolution, or use a worker with more memory.",
  },
  {
    pattern: /not (?:a )?finite|NaN|Infinity/,
    cause: "The numbers of the training left their range: most often the learning rate is too high.",
    advice:
      "Start a new run with a tenth of the learning rate; resumed as it is, this one ends the same way. Its last good " +
      "checkpoint can still be made a model.",
  },
  {
    pattern: /is not in the file store/,
    cause: "Bytes that the run needs are gone.",
    advice: "Upload the pictures or import the model again, then retry the run.",
  },
  {
    pattern: /picture|image/i,
    cause: "The pictures of the data set cannot be used as they are.",
    advice: "Look at the warnings of the data set, replace the pictures that are named, and retry the run.",
  },
  {
    pattern: /base model|model folder|model_index|safetensors|\.json/i,
    cause: "The model is not there, or is not what it says it is.",
    advice: "Check the base model's page; add the model again if its folder has moved.",
  },
]

/** An error that says itself what to do. */
export class AdvisedError extends Error {
  override readonly name = "AdvisedError"
  readonly advice: string
  readonly reason: string
  constructor(message: string, reason: string, advice: string) {
    super(message)
    this.reason = reason
    this.advice = advice
  }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof AdvisedError) return { message: error.message, cause: error.reason, advice: error.advice }
  if (error instanceof HubError) return { message: error.message, ...hubFailure[error.code] }
  if (error instanceof ZodError)
    return {
      message: error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "),
      cause: "The run's options do not go together.",
      advice: "Retry the run with other options.",
    }
  const words = error instanceof Error ? error.message : String(error)
  // The system's own words are no sentence.
  const message = /^(?:ENOSPC|EDQUOT)\b/.test(words) ? `The disk is full (${words}).` : words
  const known = patterns.find(({ pattern }) => pattern.test(message))
  return {
    message,
    cause: known?.cause ?? "The work itself failed; the message says how.",
    advice: known?.advice ?? "Look at the run's log; resume the run to try again from its last checkpoint.",
  }
}
