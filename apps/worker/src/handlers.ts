/** Who does the work of a run, by kind; total, so that a kind without a handler does not compile. */

import { generate } from "./generation.ts"
import type { Handler, RunRow } from "./job.ts"
import { train } from "./training.ts"
import { transfer } from "./transfers/transfer.ts"

export const handlers: Readonly<Record<RunRow["kind"], Handler>> = {
  TRAINING: train,
  GENERATION: generate,
  TRANSFER: transfer,
}
