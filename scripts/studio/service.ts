/** A process of the studio that is kept alive, writes its log to a file, and is stopped in order. */

import { type ChildProcess, fork } from "node:child_process"
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

const firstWaitMs = 1000
const longestWaitMs = 30_000
/** One that has run for this long is started again without a wait. */
const steadyMs = 60_000

export type ServiceOptions = {
  readonly name: string
  readonly file: string
  readonly env: NodeJS.ProcessEnv
  /** Folder of the logs; undefined lets the process write to the terminal. */
  readonly logs: string | undefined
  /** Says when a process has ended that should not. */
  readonly say: (sentence: string) => void
}

export class Service {
  private readonly options: ServiceOptions
  private child: ChildProcess | undefined
  private stopping = false
  private life: Promise<void> = Promise.resolve()

  constructor(options: ServiceOptions) {
    this.options = options
  }

  /** @returns the first message of the process. @throws with the end of its log where it ends before. */
  async start(): Promise<unknown> {
    const child = this.spawn()
    const first = await new Promise<unknown>((resolve, reject) => {
      child.once("message", resolve)
      child.once("exit", (code) =>
        reject(new Error(`The ${this.options.name} ended with status ${code}: ${this.lastWords()}`)),
      )
      child.once("error", reject)
    })
    this.life = this.keepAlive(child)
    return first
  }

  /** Asks the process to end, and ends it by force after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true
    const { child } = this
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exit = new Promise((resolve) => child.once("exit", resolve))
    // A closed pipe is understood on every system; signals are not.
    if (child.connected) child.disconnect()
    const timer = setTimeout(() => child.kill("SIGKILL"), graceMs)
    await exit
    clearTimeout(timer)
    await this.life
  }

  private spawn(): ChildProcess {
    const { name, file, env, logs } = this.options
    if (logs !== undefined) mkdirSync(logs, { recursive: true })
    const log = logs === undefined ? "inherit" : openSync(join(logs, `${name}.log`), "a")
    const execArgv = ["--disable-warning=ExperimentalWarning"]
    // In a group of its own, so that Ctrl-C reaches the launcher alone.
    const child = fork(file, { env, execArgv, stdio: ["ignore", log, log, "ipc"], detached: true })
    if (typeof log === "number") closeSync(log)
    this.child = child
    return child
  }

  private async keepAlive(first: ChildProcess) {
    let child = first
    let wait = firstWaitMs
    for (;;) {
      const began = performance.now()
      const code = await new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode)
        else child.once("exit", resolve)
      })
      if (this.stopping) return
      wait = performance.now() - began > steadyMs ? firstWaitMs : Math.min(2 * wait, longestWaitMs)
      this.options.say(`The ${this.options.name} ended with status ${code} and is started again: ${this.lastWords()}`)
      await sleep(wait)
      if (this.stopping) return
      child = this.spawn()
    }
  }

  private lastWords(): string {
    const { logs, name } = this.options
    if (logs === undefined) return "its words are above."
    const file = join(logs, `${name}.log`)
    const lines = readFileSync(file, "utf8").trim().split("\n").slice(-40)
    const telling = lines.findLast((line) => /error|"level":[56]0/i.test(line)) ?? lines.at(-1) ?? ""
    return `${messageOf(telling)} (${file})`
  }
}

/** The sentence within a structured line, or the line. */
function messageOf(line: string): string {
  try {
    const { msg, error } = JSON.parse(line)
    return [msg, error?.message].filter((part) => typeof part === "string").join(" ")
  } catch {
    return line
  }
}
