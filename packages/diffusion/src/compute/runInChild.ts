/**
 * Runs a job in a process of its own: a run of the network blocks its thread, cannot be interrupted, and takes its memory
 * settings from the environment at start.
 */

import { fork } from "node:child_process"
import type { FjordEvent } from "@fjord/contracts"
import type { FromChild, Job, ToChild } from "./job.ts"

/** How long a job may take to stop by itself, a checkpoint included, before it is killed. */
const graceMs = 120_000

/** glibc gives large blocks back to the system at every free unless told otherwise, and page faults then cost a third of a step. */
const malloc = "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=8589934592:glibc.malloc.trim_threshold=17179869184"

/**
 * Yields the job's events. Aborting `signal` stops it between two blocks, training with a checkpoint; the generator then
 * ends. @throws an Error with the job's own sentence where it fails, or one that says how its process ended.
 */
export async function* runInChild(
  job: Job,
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<FjordEvent, void> {
  const child = fork(new URL("./child.ts", import.meta.url), {
    execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning"],
    // biome-ignore lint/style/noProcessEnv: the child needs the parent's environment and the memory settings beside it.
    env: { ...process.env, GLIBC_TUNABLES: malloc },
    serialization: "advanced",
  })
  const queue: FromChild[] = []
  let wake = () => {}
  let ended: string | undefined
  child.on("message", (message: FromChild) => {
    queue.push(message)
    wake()
  })
  child.on("error", (error) => {
    ended ??= `The compute process could not be run: ${error.message}.`
    wake()
  })
  child.on("exit", (code, killer) => {
    ended ??= exitSentence(code, killer)
    wake()
  })
  let killTimer: NodeJS.Timeout | undefined
  const stop = () => {
    if (child.connected) child.send({ type: "stop" } satisfies ToChild)
    killTimer = setTimeout(() => child.kill("SIGKILL"), graceMs)
  }
  signal?.addEventListener("abort", stop, { once: true })
  child.send({ type: "start", job } satisfies ToChild)
  if (signal?.aborted) stop()
  try {
    for (;;) {
      const message = queue.shift()
      if (message?.type === "event") yield message.event
      else if (message?.type === "failed") throw Object.assign(new Error(message.message), { stack: message.stack })
      else if (message) return
      else if (ended !== undefined) {
        if (signal?.aborted) return
        throw new Error(ended)
      } else {
        const woken = Promise.withResolvers<void>()
        wake = woken.resolve
        await woken.promise
      }
    }
  } finally {
    clearTimeout(killTimer)
    signal?.removeEventListener("abort", stop)
    // Whoever stops listening does not want the rest.
    if (child.exitCode === null && child.signalCode === null && !child.connected) child.unref()
    else if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL")
  }
}

function exitSentence(code: number | null, killer: NodeJS.Signals | null): string {
  if (killer === "SIGKILL")
    return "The compute process was killed (SIGKILL), most often by the system because memory ran out; try memory_mode: recompute, use_8bit_adam: true or a lower resolution, then resume."
  if (killer) return `The compute process was ended by ${killer}; the run can be resumed from its last checkpoint.`
  return `The compute process ended with status ${code} before its job was done; its messages are above.`
}
