/** Conversions are done by a compute process: they take memory, and read files that came from strangers. */

import { type Conversion, runInChild } from "@fjord/diffusion"
import type { Job } from "../job.ts"
import { bytesTo } from "./bytesTo.ts"

/** Does a conversion, its progress told as the run's. @throws its own sentence, and where the run was stopped. */
export async function convert(job: Job, conversion: Conversion): Promise<void> {
  const { owned, recorder } = job
  const report = bytesTo(job)
  const events = runInChild({ kind: "convert", conversion }, { signal: owned.stop, kill: owned.kill })
  for await (const event of events) {
    if (event.type === "Transferred") report(event)
    else if (event.type === "Message") recorder.later(event)
  }
  owned.stop.throwIfAborted()
}
