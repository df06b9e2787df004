/** A real Postgres of our own in a data folder, for whoever has set no DATABASE_URL. */

import { spawn, spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import { type PostgresAccount, postgresAccount, postgresBinaries, reachablePath } from "./postgresBinaries.ts"

const database = "fjord"
const startSeconds = 30

export type PostgresOptions = {
  /** Receives `data`, `password` and `log`. */
  readonly folder: string
  /** Gives up safety against a crash of the machine for speed: for tests. */
  readonly temporary?: boolean
}

export type RunningPostgres = {
  readonly url: string
  readonly pid: number
  /** Whether this call started it; it ran already otherwise. */
  readonly started: boolean
  /** Where the cluster really lies: `folder`, or a folder below /var/lib that the account of Postgres can reach. */
  readonly folder: string
  /** Disconnects all clients and ends the server; returns when it has ended. */
  stop(): Promise<void>
}

/** Whether a cluster was made for this folder. */
export const hasPostgres = (folder: string): boolean =>
  existsSync(join(reachablePath(folder, postgresAccount()), "data", "PG_VERSION"))

/** Creates the cluster in `folder` unless there is one, and starts it unless it still runs. */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const account = postgresAccount()
  const folder = reachablePath(options.folder, account)
  const data = join(folder, "data")
  const binaries = postgresBinaries(account)
  if (!hasPostgres(options.folder)) createCluster(binaries.initdb, folder, account, options.temporary ?? false)
  const password = readFileSync(join(folder, "password"), "utf8").trim()
  const address = (port: number, name: string) => `postgresql://fjord:${password}@127.0.0.1:${port}/${name}`

  let started = false
  let server = readPostmaster(data)
  if (server === undefined || !(await answers(address(server.port, "postgres")))) {
    started = true
    server = await launch(binaries.postgres, folder, account, options.temporary ?? false, address)
  }
  const { pid, port } = server
  await createDatabase(address(port, "postgres"))
  return { url: address(port, database), pid, started, folder, stop: () => stopPostmaster(pid) }
}

/** Ends a server that was left running in `folder`, if there is one, when its clients have gone; who stays keeps it. */
export async function endAbandonedPostgres(folder: string, patienceMs: number): Promise<void> {
  const reached = reachablePath(folder, postgresAccount())
  const left = readPostmaster(join(reached, "data"))
  if (left === undefined) return
  const password = readFileSync(join(reached, "password"), "utf8").trim()
  const deadline = Date.now() + patienceMs
  const url = `postgresql://fjord:${password}@127.0.0.1:${left.port}/${database}`
  while ((await countClients(url)) > 0) {
    if (Date.now() >= deadline) return
    await sleep(500)
  }
  await stopPostmaster(left.pid)
}

/** @returns how many others are connected to the database; none where it does not answer */
async function countClients(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on("error", () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    )
    return rows[0]?.count ?? 0
  } catch {
    return 0
  } finally {
    await client.end().catch(() => {})
  }
}

/** Puts the cluster together beside its place, so that a start that was cut short leaves none. */
function createCluster(initdb: string, folder: string, account: PostgresAccount | undefined, temporary: boolean) {
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const data = join(folder, "data")
  rmSync(data, { recursive: true, force: true })
  mkdirSync(data, { mode: 0o700 })
  const passwordFile = join(folder, "password")
  writeFileSync(passwordFile, randomBytes(18).toString("base64url"), { mode: 0o600 })
  if (account !== undefined) for (const path of [data, passwordFile]) chownSync(path, account.uid, account.gid)
  const args = ["-D", data, "-U", "fjord", "--auth=scram-sha-256", `--pwfile=${passwordFile}`]
  args.push("-E", "UTF8", "--locale=C", ...(temporary ? ["--no-sync", "--wal-segsize=1"] : []))
  const { status, stderr, error } = spawnSync(initdb, args, { ...account, cwd: folder, encoding: "utf8" })
  if (status === 0) return
  rmSync(data, { recursive: true, force: true })
  throw new Error(`The database could not be created in ${folder}: ${error?.message ?? stderr.trim()}`)
}

/** Process and port of the server that has `data` open, as its lock file says, if that process lives. */
function readPostmaster(data: string): { pid: number; port: number } | undefined {
  const file = join(data, "postmaster.pid")
  if (!existsSync(file)) return undefined
  const [pidLine, , , portLine] = readFileSync(file, "utf8").split("\n")
  const pid = Number(pidLine)
  const port = Number(portLine)
  return pid > 0 && port > 0 && lives(pid) ? { pid, port } : undefined
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on("error", () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

/** @returns `wanted` where nobody listens on it, else any free port; 0 wants none in particular. */
function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", (error) => (wanted === 0 ? reject(error) : resolve(freePort(0))))
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(address !== null && typeof address === "object" ? address.port : 0))
    })
  })
}

const settings = { max_connections: "200", shared_buffers: "128MB", wal_level: "minimal", max_wal_senders: "0" }
const temporarySettings = {
  max_connections: "60",
  shared_buffers: "16MB",
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
}

async function launch(
  postgres: string,
  folder: string,
  account: PostgresAccount | undefined,
  temporary: boolean,
  address: (port: number, database: string) => string,
): Promise<{ pid: number; port: number }> {
  const data = join(folder, "data")
  const portFile = join(folder, "port")
  const deadline = Date.now() + startSeconds * 1000
  for (;;) {
    // The same address as last time, so that whoever knows it finds the database again.
    const port = await freePort(existsSync(portFile) ? Number(readFileSync(portFile, "utf8")) : 0)
    writeFileSync(portFile, String(port))
    const all = { ...settings, ...(temporary ? temporarySettings : {}) }
    const args = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-c", "unix_socket_directories="]
    for (const [name, value] of Object.entries(all)) args.push("-c", `${name}=${value}`)
    const logFile = join(folder, "log")
    const log = openSync(logFile, "a")
    const child = spawn(postgres, args, { ...account, cwd: data, detached: true, stdio: ["ignore", "ignore", log] })
    closeSync(log)
    let ended = false
    const end = () => {
      ended = true
    }
    child.on("error", end)
    child.on("exit", end)
    while (!ended && Date.now() < deadline) {
      if (child.pid !== undefined && (await answers(address(port, "postgres")))) {
        child.unref()
        return { pid: child.pid, port }
      }
      await sleep(30)
    }
    if (child.exitCode === null) child.kill("SIGINT")
    const said = readFileSync(logFile, "utf8").slice(-2000).trim()
    // A server that was killed leaves its lock and its children behind for some seconds; a port may just have been taken.
    if (Date.now() >= deadline || !/postmaster\.pid|shared memory|in use/.test(said))
      throw new Error(`Postgres did not start in ${folder}; its log ends: ${said}`)
    await sleep(300)
  }
}

async function createDatabase(url: string) {
  const client = new pg.Client({ connectionString: url })
  // A lost connection fails the query that waits for it; without a listener it would end the process too.
  client.on("error", () => {})
  await client.connect()
  try {
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [database])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${database}`)
  } finally {
    await client.end()
  }
}

/** SIGINT is Postgres's fast shutdown: transactions are rolled back, the data are written, nothing is lost. */
async function stopPostmaster(pid: number) {
  if (!lives(pid)) return
  process.kill(pid, "SIGINT")
  for (let waited = 0; lives(pid) && waited < 10_000; waited += 50) await sleep(50)
  if (lives(pid)) process.kill(pid, "SIGKILL")
}
