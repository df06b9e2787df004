/**
 * Runs a job in a process of its own: a run of the network blocks its thread, cannot be interrupted, and takes its memory
 * settings from the environment at start.
 */

import { type ChildProcess, fork } from "node:child_process"
import type { FjordEvent } from "@fjord/contracts"
import { type FromChild, type Job, type ToChild, type Wish, waitsAfter } from "./job.ts"
import { killedForMemory } from "./memoryRanOut.ts"
import { memorySettings } from "./memorySettings.ts"

/** How long a job may take to stop by itself, a checkpoint included, before it is killed. */
const defaultGraceMs = 120_000
/** How long a process that has said its last word may take to end. */
const lastWordMs = 5000

/** The compute process ended without a word of its job: killed, or out of memory. The job may be tried again. */
export class ComputeLost extends Error {
  override readonly name = "ComputeLost"
}

export interface ChildOptions {
  /** Aborting it stops the job between two blocks, training with a checkpoint; the generator then ends. */
  readonly signal?: AbortSignal
  /** Aborting it ends the process at once; the generator then ends. */
  readonly kill?: AbortSignal
  /** How long the job may take to stop, in milliseconds. */
  readonly graceMs?: number
  /** Receives the function that asks a training for a checkpoint or samples after its current step. */
  readonly onStart?: (ask: (wish: Wish) => void) => void
}

/**
 * Yields the job's events; the job goes on after an event with files when the next event is asked for. The process has
 * ended when the generator ends. @throws an Error with the job's own sentence where it fails, ComputeLost where its process
 * ended before.
 */
export async function* runInChild(job: Job, options: ChildOptions = {}): AsyncGenerator<FjordEvent, void> {
  const { signal, kill, graceMs = defaultGraceMs } = options
  if (kill?.aborted) return
  const child = fork(new URL("./child.ts", import.meta.url), {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    // biome-ignore lint/style/noProcessEnv: the child needs the parent's environment and the memory settings beside it.
    env: { ...process.env, ...memorySettings },
    serialization: "advanced",
  })
  const tell = (message: ToChild) => {
    // A child that has just ended cannot be told; its end is heard of below.
    if (child.connected) child.send(message, () => {})
  }
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
    ended ??= killedForMemory(killer, job.kind) ?? exitSentence(code, killer)
    wake()
  })
  let killTimer: NodeJS.Timeout | undefined
  const stop = () => {
    tell({ type: "stop" })
    killTimer = setTimeout(() => child.kill("SIGKILL"), graceMs)
  }
  const killNow = () => child.kill("SIGKILL")
  signal?.addEventListener("abort", stop, { once: true })
  kill?.addEventListener("abort", killNow, { once: true })
  tell({ type: "start", job })
  if (signal?.aborted) stop()
  options.onStart?.((wish) => tell({ type: "wish", wish }))
  try {
    for (;;) {
      if (kill?.aborted) return
      const message = queue.shift()
      if (message?.type === "event") {
        yield message.event
        if (waitsAfter(message.event)) tell({ type: "seen" })
      } else if (message?.type === "failed") throw Object.assign(new Error(message.message), { stack: message.stack })
      else if (message) return
      else if (ended !== undefined) {
        if (signal?.aborted) return
        throw new ComputeLost(ended)
      } else {
        const woken = Promise.withResolvers<void>()
        wake = woken.resolve
        await woken.promise
      }
    }
  } finally {
    clearTimeout(killTimer)
    signal?.removeEventListener("abort", stop)
    kill?.removeEventListener("abort", killNow)
    await endOf(child)
  }
}

/** Waits for the process: one that has said its last word ends by itself, one that is still at work is killed. */
async function endOf(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once("exit", resolve))
  if (child.connected) child.kill("SIGKILL")
  const timer = setTimeout(() => child.kill("SIGKILL"), lastWordMs)
  await exit
  clearTimeout(timer)
}

function exitSentence(code: number | null, killer: NodeJS.Signals | null): string {
  if (killer) return `The compute process was ended by ${killer}; the run can be resumed from its last checkpoint.`
  return `The compute process ended with status ${code} before its job was done; its messages are above.`
}
