/** Work that the server keeps away from itself: a child process with a limit of time does it, and may be killed at any moment. */

import { type ChildProcess, fork } from "node:child_process"
import type { z } from "zod"

type Numbered = { readonly id: number }
type Problem = { readonly problem: string }

export type SideProcess<Job, Result> = {
  /** Never throws for what is wrong with the job. */
  ask(job: Job): Promise<Exclude<Result, Problem> | Problem>
  close(): void
}

/** A child that has had nothing to do for so long is ended, for its memory. */
const idleMs = 60_000

/** One child at a time, one job at a time: two processors are not made faster by more. */
export function openSideProcess<Job extends object, Result extends Numbered>(options: {
  /** Answers every job with a result of the same id. */
  readonly child: URL
  readonly result: z.ZodType<Result>
  readonly maxMs: number
  /** Said where the child dies or takes too long. */
  readonly tooMuch: string
}): SideProcess<Job, Result> {
  const { child: module, result: schema, maxMs, tooMuch } = options
  let child: ChildProcess | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let idle: NodeJS.Timeout | undefined
  let jobs = 0

  const spawn = () => {
    const started = fork(module, {
      // Nothing of the server's environment, secrets among it, is its business.
      env: { NODE_ENV: "production" },
      execArgv: ["--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    })
    started.on("exit", () => {
      if (child === started) child = undefined
    })
    started.unref()
    started.channel?.unref()
    return started
  }

  const decide = (given: Job) =>
    new Promise<Exclude<Result, Problem> | Problem>((resolve) => {
      const job = { ...given, id: jobs++ }
      const current = child ?? spawn()
      child = current
      clearTimeout(idle)
      const done = (result: Exclude<Result, Problem> | Problem) => {
        clearTimeout(late)
        current.off("message", answer)
        current.off("exit", died)
        idle = setTimeout(() => current.kill("SIGKILL"), idleMs).unref()
        resolve(result)
      }
      const answer = (message: unknown) => {
        const result = schema.parse(message)
        if (result.id === job.id) done(result as Exclude<Result, Problem>)
      }
      const died = () => done({ problem: tooMuch })
      const late = setTimeout(() => current.kill("SIGKILL"), maxMs)
      current.on("message", answer)
      current.once("exit", died)
      current.send(job, (error) => {
        if (error !== null) done({ problem: "It was not looked at, because the server ends; send it again." })
      })
    })

  return {
    ask(job) {
      const decided = turn.then(() => decide(job))
      turn = decided.catch(() => {})
      return decided
    },
    close() {
      child?.kill("SIGKILL")
    },
  }
}
