/** The whole studio: Postgres, migrations, dashboard, server and workers, started in order and stopped in the other order. */

import { join } from "node:path"
import { fileURLToPath } from "node:url"
import {
  checkDatabase,
  makeDataFolder,
  Refusal,
  type RunningPostgres,
  startPostgres,
} from "../../packages/db/src/index.ts"
import { buildDashboard } from "./dashboard.ts"
import { migrate } from "./migrate.ts"
import { checkPort, judgeRoom, lockFolder, measureRoom } from "./preflight.ts"
import { Service } from "./service.ts"
import { readSettings } from "./settings.ts"

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url))
const say = (sentence: string) => console.error(sentence)

/** A run may take this long to save what it has. */
const workerGraceMs = 30_000
const serverGraceMs = 10_000
/** The server of a studio that was killed ends by itself; it has as long as one that is told to. */
const portPatienceMs = serverGraceMs + 5000

let unlock = () => {}
let postgres: RunningPostgres | undefined
let server: Service | undefined
const workers: Service[] = []

/** In the order of who needs whom: nobody loses the database while it still has something to say. */
async function stopAll() {
  await Promise.all([server?.stop(serverGraceMs), ...workers.map((worker) => worker.stop(workerGraceMs))])
  await postgres?.stop()
  unlock()
}

const stopping = new AbortController()
/** A supervisor's SIGTERM reaches this process twice, by its group and through the launcher: only Ctrl-C is ever meant twice. */
async function stop(signal: "SIGINT" | "SIGTERM") {
  if (stopping.signal.aborted) {
    if (signal === "SIGTERM") return
    say("Stopping at once ...")
    await Promise.all(workers.map((worker) => worker.stop(0)))
    return
  }
  stopping.abort()
  say("\nStopping: runs are saved and handed over; Ctrl-C again stops them at once ...")
  await stopAll()
  process.exit(0)
}

async function start() {
  const settings = readSettings(process.env)
  makeDataFolder(settings.data)
  const hints = judgeRoom(settings.data, measureRoom(settings.data))
  // Before the port: of a studio that already runs it is no help to know that its port is taken.
  const lock = lockFolder(settings.data)
  unlock = lock.unlock
  await checkPort(settings.port, settings.host, lock.abandoned ? portPatienceMs : 0)
  if (settings.databaseUrl !== undefined) await checkDatabase(settings.databaseUrl)
  say("Starting the studio ...")
  process.on("SIGINT", () => void stop("SIGINT"))
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop("SIGTERM"))
  // `npm start` was killed, and so may be whoever reads what we say.
  process.on("disconnect", () => void stop("SIGTERM"))
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})
  if (process.send !== undefined && !process.connected) return stop("SIGTERM")
  if (settings.databaseUrl === undefined) postgres = await startPostgres({ folder: join(settings.data, "postgres") })
  const url = settings.databaseUrl ?? postgres?.url ?? ""
  await migrate(url)
  const hasDashboard = settings.dashboard && (await buildDashboard(say, stopping.signal))
  if (stopping.signal.aborted) return
  const env = { ...process.env, NODE_ENV: "production", DATABASE_URL: url, FJORD_DATA: settings.data }
  const logs = settings.logLevel === undefined ? join(settings.data, "logs") : undefined
  server = new Service({ name: "server", file: path("apps/server/src/main.ts"), env, logs, say })
  const ready = await server.start()
  const names = Array.from({ length: settings.workers }, (_, i) => `worker-${i + 1}`)
  for (const name of names) {
    const file = path("apps/worker/src/main.ts")
    const worker = new Service({ name, file, env: { ...env, FJORD_WORKER_NAME: name }, logs, say })
    workers.push(worker)
    await worker.start()
  }
  for (const hint of hints) say(hint)
  if (settings.dashboard && !hasDashboard) say("The dashboard could not be built; the API runs without it.")
  const address = ready !== null && typeof ready === "object" && "url" in ready ? ready.url : `port ${settings.port}`
  console.log(`Fjord is ready: ${address}`)
  if (logs !== undefined) say(`Data and logs lie in ${settings.data}. Ctrl-C stops everything in order.`)
}

try {
  await start()
} catch (error) {
  // What is stopped while it starts fails, of course.
  if (stopping.signal.aborted) await new Promise(() => {})
  say(
    error instanceof Refusal
      ? error.message
      : `Fjord could not start: ${error instanceof Error ? error.message : error}`,
  )
  await stopAll()
  process.exit(1)
}
