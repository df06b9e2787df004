/** What this machine computes in a second, measured in a process of its own as jobs are: a second or two of work. */

import { fork } from "node:child_process"
import { once } from "node:events"
import type { MachineSpeed } from "../training/planRun.ts"
import { memorySettings } from "./memorySettings.ts"

/** @throws where the process ends without an answer. */
export async function measureSpeed(threads: number): Promise<MachineSpeed> {
  const child = fork(new URL("./measureSpeedChild.ts", import.meta.url), [String(threads)], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
    // biome-ignore lint/style/noProcessEnv: the child needs the parent's environment and the memory settings beside it.
    env: { ...process.env, ...memorySettings },
  })
  const ended = once(child, "exit").then(([code, signal]) => {
    throw new Error(`The speed of this machine could not be measured: the process ended with ${signal ?? code}.`)
  })
  const answered = once(child, "message").then(([speed]) => speed as MachineSpeed)
  ended.catch(() => {})
  return Promise.race([answered, ended])
}
