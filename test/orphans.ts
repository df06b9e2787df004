/** What becomes of the children of a process that is killed: for tests that they end with it. */

import assert from "node:assert/strict"
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, constants, mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

/** Longer than the slowest machine needs to start or to end a process. */
const patienceMs = 60_000

/** Ids of the processes that a process has started. */
export function childrenOf({ pid }: Pick<ChildProcess, "pid">): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "ppid=,pid="], { encoding: "utf8" }).trim().split("\n")
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number))
  // That of ps itself is over.
  return pairs.flatMap(([parent, child]) => (parent === pid && child !== undefined && lives(child) ? [child] : []))
}

/** Seconds that a process has computed. */
export function computedSeconds(pid: number): number {
  const text = execFileSync("ps", ["-p", String(pid), "-o", "time="], { encoding: "utf8" }).trim()
  return text.split(/[:-]/).reduce((sum, part) => 60 * sum + Number(part), 0)
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until<Found>(what: string, look: () => Found | undefined): Promise<Found> {
  for (const began = performance.now(); performance.now() - began < patienceMs; await sleep(20)) {
    const found = look()
    if (found !== undefined) return found
  }
  return assert.fail(`${what} did not happen within ${patienceMs / 1000} s`)
}

/**
 * Runs the text of a module as a process, kills that process when `isBusy` finds its child at work, and waits for the
 * child's end. @throws where the child outlives it
 */
export async function assertEndsWithParent(module: string, isBusy: (child: number) => boolean): Promise<void> {
  // As a server or a worker, it has more to do than wait for the child.
  const text = `setInterval(() => {}, 1000)\n${module}`
  const parent = spawn(process.execPath, ["--input-type=module", "--disable-warning=ExperimentalWarning", "-e", text], {
    stdio: ["ignore", "inherit", "inherit"],
  })
  const ended = once(parent, "exit")
  let child: number | undefined
  try {
    child = await until("a child at work", () => {
      assert.ok(parent.exitCode === null, "the parent ended by itself")
      return childrenOf(parent).find(isBusy)
    })
    // What it waits for or counts, it does by now.
    await sleep(500)
    parent.kill("SIGKILL")
    await ended
    const orphan = child
    await until(`the end of the orphan ${orphan}`, () => (lives(orphan) ? undefined : true))
  } finally {
    parent.kill("SIGKILL")
    if (child !== undefined && lives(child)) process.kill(child, "SIGKILL")
  }
}

/** A named pipe on which nothing ever comes: whoever reads it waits for ever. */
export type SilentPipe = {
  /** A new folder, where the pipe lies at `path`. */
  readonly folder: string
  readonly path: string
  /** True once somebody reads it. */
  readonly isRead: () => boolean
}

/** @param name of the pipe, below the folder */
export async function withSilentPipe(name: string, work: (pipe: SilentPipe) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "fjord-pipe-"))
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  execFileSync("mkfifo", [path])
  let held: number | undefined
  const isRead = () => {
    try {
      // Succeeds only where somebody reads, who then waits for what is written here.
      held ??= openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch {
      return false
    }
    return true
  }
  try {
    await work({ folder, path, isRead })
  } finally {
    if (held !== undefined) closeSync(held)
    rmSync(folder, { recursive: true, force: true })
  }
}
