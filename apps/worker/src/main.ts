/** A worker process: `npm run worker` with DATABASE_URL and the address of the storage. */

import { readdirSync, rmSync } from "node:fs"
import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { checkDatabase, makeDataFolder, openDatabase, openFileStore, openNotifications, Refusal } from "@fjord/db"
import { pino } from "pino"
import { type Environment, readEnvironment } from "./environment.ts"
import { Worker } from "./worker.ts"

function environmentOrExit(): Environment {
  try {
    return readEnvironment(process.env)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(2)
  }
}

/** Scratch folders are named by process; those of processes that were killed are nobody's. */
function removeLeftovers(folder: string) {
  for (const name of readdirSync(folder)) {
    // In a container a process that is started anew has the number of the one that was killed.
    if (name === String(process.pid)) rmSync(join(folder, name), { recursive: true, force: true })
    try {
      process.kill(Number(name), 0)
    } catch {
      rmSync(join(folder, name), { recursive: true, force: true })
    }
  }
}

const environment = environmentOrExit()
const log = pino({ name: "worker", level: environment.logLevel, serializers: { error: pino.stdSerializers.err } })
const scratchRoot = join(environment.data, "scratch")
const scratch = join(scratchRoot, String(process.pid))
try {
  makeDataFolder(environment.data)
  await checkDatabase(environment.databaseUrl)
  await mkdir(scratchRoot, { recursive: true })
  removeLeftovers(scratchRoot)
  await mkdir(scratch)
  const database = openDatabase(environment.databaseUrl, 6)
  const files = await openFileStore(environment.files)
  const notifications = await openNotifications(environment.databaseUrl)
  const worker = await Worker.start({ database, files, notifications, environment, log, scratch })
  const stop = async (signal: string) => {
    log.info({ signal }, "the worker hands its runs over and ends")
    await worker.stop()
    await notifications.close()
    await database.$disconnect()
    await rm(scratch, { recursive: true, force: true })
    process.exit(0)
  }
  process.on("SIGINT", () => void stop("SIGINT"))
  process.on("SIGTERM", () => void stop("SIGTERM"))
  // The parent that started us over a pipe has gone, or asks on Windows, which knows no SIGTERM.
  process.on("disconnect", () => void stop("disconnect"))
  // It may have gone before anybody listened.
  if (process.send !== undefined && !process.connected) void stop("disconnect")
  // Whoever started us over a pipe waits for this.
  else process.send?.({ ready: true }, undefined, {}, () => {})
} catch (error) {
  if (error instanceof Refusal) log.fatal(error.message)
  else log.fatal({ error }, "The worker could not start; has the database been migrated?")
  process.exit(1)
}
