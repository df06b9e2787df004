/** What has to hold before anything is started; each refusal is one sentence with a way out. */

import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { totalmem } from "node:os"
import { join } from "node:path"
import type { Settings } from "./settings.ts"

/** Tells a person why nothing was started. */
export class Refusal extends Error {}

const gigabyte = 1e9
const leastDisk = gigabyte
const comfortableDisk = 10 * gigabyte
const leastMemory = gigabyte
/** What a LoRA on Stable Diffusion 1.5 takes, of the system and the studio's other processes beside it. */
const comfortableMemory = 7.5 * gigabyte

const size = (bytes: number) => `${(bytes / gigabyte).toFixed(1)} GB`

/** @returns sentences to show though the start goes on. @throws Refusal */
export async function preflight(settings: Settings): Promise<string[]> {
  const { data, port, host } = settings
  const hints: string[] = []
  try {
    mkdirSync(data, { recursive: true })
  } catch (error) {
    throw new Refusal(`The folder ${data} cannot be made (${reasonOf(error)}); set FJORD_DATA to one that can.`)
  }
  const disk = statfsSync(data)
  const free = disk.bavail * disk.bsize
  if (free < leastDisk)
    throw new Refusal(
      `There are ${size(free)} left on the disk of ${data}; Fjord needs ${size(leastDisk)}: free some, or set FJORD_DATA.`,
    )
  if (free < comfortableDisk)
    hints.push(`There are ${size(free)} left on the disk of ${data}; models and checkpoints take gigabytes.`)
  const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
  if (memory < leastMemory)
    throw new Refusal(`This machine has ${size(memory)} of memory; Fjord needs ${size(leastMemory)} to run at all.`)
  if (memory < comfortableMemory)
    hints.push(
      `This machine has ${size(memory)} of memory: enough for the starter model, too little to train Stable Diffusion 1.5.`,
    )
  await checkPort(port, host)
  return hints
}

function checkPort(port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", (error) => {
      const code = "code" in error ? error.code : undefined
      const another = `start Fjord on another one: PORT=${port + 1} npm start`
      if (code === "EADDRINUSE") reject(new Refusal(`Port ${port} is taken by another program; stop it, or ${another}`))
      else if (code === "EACCES") reject(new Refusal(`Port ${port} may not be used by this account; ${another}`))
      else reject(new Refusal(`Fjord cannot listen on ${host}:${port} (${error.message}); set HOST or PORT.`))
    })
    server.listen(port, host, () => server.close(() => resolve()))
  })
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** One studio per data folder. @returns a function that gives the folder free. @throws Refusal */
export function lockFolder(data: string): () => void {
  const file = join(data, "studio.pid")
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" })
      return () => rmSync(file, { force: true })
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
      const pid = Number(readFileSync(file, "utf8"))
      if (pid > 0 && lives(pid))
        throw new Refusal(
          `Fjord already runs on ${data} (process ${pid}); stop it first, or set FJORD_DATA and PORT for a second studio.`,
        )
      rmSync(file, { force: true })
    }
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
