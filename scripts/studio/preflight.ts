/** What has to hold before anything is started; each refusal is one sentence with a way out. */

import { readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { totalmem } from "node:os"
import { basename, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Refusal } from "../../packages/db/src/index.ts"

const gigabyte = 1e9
const leastDisk = gigabyte
const comfortableDisk = 10 * gigabyte
const leastMemory = gigabyte
/** What a LoRA on Stable Diffusion 1.5 takes, of the system and the studio's other processes beside it. */
const comfortableMemory = 7.5 * gigabyte

const size = (bytes: number) => `${(bytes / gigabyte).toFixed(1)} GB`

/** The room there is, in bytes; that of a container where one sets bounds. */
export type Room = { readonly free: number; readonly memory: number }

export function measureRoom(data: string): Room {
  const { bavail, bsize } = statfsSync(data)
  return {
    free: bavail * bsize,
    memory: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
  }
}

/** @returns sentences to show though the start goes on. @throws Refusal */
export function judgeRoom(data: string, { free, memory }: Room): string[] {
  const hints: string[] = []
  if (free < leastDisk)
    throw new Refusal(
      `There are ${size(free)} left on the disk of ${data}; Fjord needs ${size(leastDisk)}: free some, or set FJORD_DATA.`,
    )
  if (free < comfortableDisk)
    hints.push(`There are ${size(free)} left on the disk of ${data}; models and checkpoints take gigabytes.`)
  if (memory < leastMemory)
    throw new Refusal(`This machine has ${size(memory)} of memory; Fjord needs ${size(leastMemory)} to run at all.`)
  if (memory < comfortableMemory)
    hints.push(
      `This machine has ${size(memory)} of memory: enough for the starter model, too little to train Stable Diffusion 1.5.`,
    )
  return hints
}

/** A port that every account may use. */
const usualPort = 4100

const lookAgainMs = 500

/**
 * @param patienceMs how long one who listens there still may take to end
 * @throws Refusal where nothing can listen there
 */
export async function checkPort(port: number, host: string, patienceMs = 0): Promise<void> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    try {
      return await listen(port, host)
    } catch (error) {
      if (Date.now() >= deadline) throw error
      await sleep(lookAgainMs)
    }
  }
}

function listen(port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", (error) => {
      const code = "code" in error ? error.code : undefined
      const next = code === "EACCES" ? usualPort : port + 1
      const another = `start Fjord on another one: PORT=${next} npm start`
      if (code === "EADDRINUSE") reject(new Refusal(`Port ${port} is taken by another program; stop it, or ${another}`))
      else if (code === "EACCES") reject(new Refusal(`Port ${port} may not be used by this account; ${another}`))
      else reject(new Refusal(`Fjord cannot listen on ${host}:${port} (${error.message}); set HOST or PORT.`))
    })
    server.listen(port, host, () => server.close(() => resolve()))
  })
}

export type FolderLock = {
  /** Whether the last studio on the folder was killed: its processes may be ending still. */
  readonly abandoned: boolean
  /** Gives the folder free. */
  readonly unlock: () => void
}

/** One studio per data folder. @throws Refusal */
export function lockFolder(data: string): FolderLock {
  const file = join(data, "studio.pid")
  for (let abandoned = false; ; abandoned = true) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" })
      return { abandoned, unlock: () => rmSync(file, { force: true }) }
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
      const pid = Number(readFileSync(file, "utf8"))
      if (pid > 0 && pid !== process.pid && runsStudio(pid))
        throw new Refusal(
          `Fjord already runs on ${data} (process ${pid}); stop it first, or set FJORD_DATA and PORT for a second studio.`,
        )
      rmSync(file, { force: true })
    }
  }
}

/** Whether this process runs what we run: numbers come again, in a container that starts anew nearly always. */
function runsStudio(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Another account's process lives, though we may not signal it.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return false
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(basename(process.argv[1] ?? ""))
  } catch {
    // No such list on this system: alive is all that is known.
    return true
  }
}
