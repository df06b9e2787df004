/** The door for pictures: each is decoded, checked and written anew in a child process with limits. */

import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { type DoorJob, type DoorResult, doorResult } from "./imageDoorChild.ts"

export type Admitted = Exclude<DoorResult, { problem: string }>

export interface ImageDoor {
  /** @returns what the picture at `to` is, or why it was refused. Never throws for what is wrong with the picture. */
  admit(job: Omit<DoorJob, "id" | "maxBytes" | "maxPixels">): Promise<Admitted | { problem: string }>
  close(): void
}

const maxBytes = 1.5 * 2 ** 30
const maxMs = 60_000
const tooMuch = { problem: "It needs too much memory or time to decode; send a smaller picture." }

/** One child at a time decodes, one picture at a time: two processors are not made faster by more. */
export function openImageDoor(maxPixels: number): ImageDoor {
  let child: ChildProcess | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let jobs = 0

  const spawn = () => {
    const started = fork(fileURLToPath(new URL("./imageDoorChild.ts", import.meta.url)), {
      // Nothing of the server's environment, secrets among it, is a decoder's business.
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

  const decide = (given: Omit<DoorJob, "id" | "maxBytes" | "maxPixels">) =>
    new Promise<Admitted | { problem: string }>((resolve) => {
      const job = { ...given, id: jobs++, maxPixels, maxBytes }
      const current = child ?? spawn()
      child = current
      const done = (result: Admitted | { problem: string }) => {
        clearTimeout(late)
        current.off("message", answer)
        current.off("exit", died)
        resolve(result)
      }
      const answer = (message: unknown) => {
        const result = doorResult.parse(message)
        if (result.id === job.id) done(result)
      }
      const died = () => done(tooMuch)
      const late = setTimeout(() => current.kill("SIGKILL"), maxMs)
      current.on("message", answer)
      current.once("exit", died)
      current.send(job, (error) => {
        if (error !== null) done({ problem: "The door for pictures was closed; send it again." })
      })
    })

  return {
    admit(job) {
      const decided = turn.then(() => decide(job))
      turn = decided.catch(() => {})
      return decided
    },
    close() {
      child?.kill("SIGKILL")
    },
  }
}
