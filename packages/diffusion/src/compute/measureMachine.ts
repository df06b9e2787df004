/** What this machine computes in a second and what fits in it, found in a process of its own: a few seconds of work. */

import { fork } from "node:child_process"
import { once } from "node:events"
import type { MachineSpeed } from "../training/planRun.ts"
import type { JudgedJob } from "../training/whatFits.ts"
import { memorySettings } from "./memorySettings.ts"

export type MeasuredMachine = { readonly speed: MachineSpeed; readonly jobs: readonly JudgedJob[] }

/** @throws where the process ends without an answer. */
export async function measureMachine(threads: number, memoryBytes: number): Promise<MeasuredMachine> {
  const child = fork(new URL("./measureMachineChild.ts", import.meta.url), [String(threads), String(memoryBytes)], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    // biome-ignore lint/style/noProcessEnv: the child needs the parent's environment and the memory settings beside it.
    env: { ...process.env, ...memorySettings },
  })
  const ended = once(child, "exit").then(([code, signal]) => {
    throw new Error(`This machine could not be measured: the process ended with ${signal ?? code}.`)
  })
  const answered = once(child, "message").then(([measured]) => measured as MeasuredMachine)
  ended.catch(() => {})
  return Promise.race([answered, ended])
}
