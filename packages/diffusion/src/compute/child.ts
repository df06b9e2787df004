/** The compute process: runs one job, tells its parent what happens, stops between two blocks when told to. */

import { dreamBooth } from "../dreamBooth.ts"
import { textToImage } from "../textToImage.ts"
import type { FromChild, Job, ToChild } from "./job.ts"

const stop = new AbortController()

// A terminal sends Ctrl-C to both processes; the parent decides what it means.
process.on("SIGINT", () => {})
// Nobody listens any more.
process.on("disconnect", () => process.exit(1))
process.on("message", (message: ToChild) => {
  if (message.type === "stop") stop.abort()
  else void run(message.job)
})

async function run(job: Job) {
  const options = { signal: stop.signal }
  try {
    const events =
      job.kind === "train"
        ? dreamBooth(job.config, { ...options, resume: job.resume })
        : textToImage(job.config, options)
    for await (const event of events) await send({ type: "event", event })
    await send({ type: "done" })
  } catch (error) {
    if (stop.signal.aborted) await send({ type: "stopped" })
    else {
      const { message, stack = "" } = error instanceof Error ? error : new Error(String(error))
      await send({ type: "failed", message, stack })
    }
  }
  process.disconnect()
}

function send(message: FromChild): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, {}, () => resolve()))
}
