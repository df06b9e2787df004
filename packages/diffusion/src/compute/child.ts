/** The compute process: runs one job, tells its parent what happens, stops between two blocks when told to. */

import type { FjordEvent } from "@fjord/contracts"
import { dreamBooth } from "../dreamBooth.ts"
import { textToImage } from "../textToImage.ts"
import { promoteCheckpoint } from "../training/promoteCheckpoint.ts"
import { convert } from "./convert.ts"
import { type FromChild, type Job, type ToChild, type Wish, waitsAfter } from "./job.ts"
import { withMemoryAdvice } from "./memoryRanOut.ts"

const stop = new AbortController()
const wishes = new Set<Wish>()
let seen = () => {}

// A terminal sends Ctrl-C to both processes, a service manager SIGTERM; the parent decides what it means.
process.on("SIGINT", () => {})
process.on("SIGTERM", () => {})
let done = false
// Whoever started this has gone. To exit would be to wait for reads and decodings that may never end.
process.on("disconnect", () => (done ? process.exit() : process.kill(process.pid, "SIGKILL")))
process.on("message", (message: ToChild) => {
  switch (message.type) {
    case "start":
      void run(message.job)
      break
    case "stop":
      stop.abort()
      break
    case "wish":
      wishes.add(message.wish)
      break
    case "seen":
      seen()
  }
})

async function run(job: Job) {
  try {
    for await (const event of eventsOf(job)) await tell(event)
    await send({ type: "done" })
  } catch (error) {
    if (stop.signal.aborted) await send({ type: "stopped" })
    else {
      const { message, stack = "" } = error instanceof Error ? error : new Error(String(error))
      await send({ type: "failed", message: withMemoryAdvice(message, job.kind), stack })
    }
  }
  done = true
  process.disconnect()
}

function eventsOf(job: Job): AsyncGenerator<FjordEvent> {
  const options = { signal: stop.signal }
  if (job.kind === "train") return dreamBooth(job.config, { ...options, resume: job.resume, wishes })
  if (job.kind === "promote") return promoteCheckpoint(job.config)
  if (job.kind === "convert") return convert(job.conversion, stop.signal)
  return textToImage(job.config, { ...options, previews: job.previews ?? false })
}

async function tell(event: FjordEvent): Promise<void> {
  const answer = Promise.withResolvers<void>()
  seen = answer.resolve
  await send({ type: "event", event })
  if (waitsAfter(event)) await answer.promise
}

function send(message: FromChild): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, {}, () => resolve()))
}
