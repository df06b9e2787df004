/** A database of its own for a test file: real Postgres, migrated, started in a second from a copied cluster. */

import { createHash, randomUUID } from "node:crypto"
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import pg from "pg"
import { removeAbandonedDatabases, testFolderPrefix } from "./abandonedDatabases.ts"
import { type Database, openDatabase } from "./client.ts"
import { type RunningPostgres, startPostgres } from "./embeddedPostgres.ts"
import { postgresAccount } from "./postgresBinaries.ts"

const migrations = fileURLToPath(new URL("../../../prisma/migrations", import.meta.url))

export type TestDatabase = {
  readonly url: string
  readonly database: Database
  /** Stops Postgres and starts it again on the same data and address. */
  restart(): Promise<void>
  /** Ends everything and removes the data. */
  stop(): Promise<void>
}

/** Prisma's own record of what it has applied, as its first migration makes it. */
const migrationTable = `CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL,
  finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
  started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`

function migrationScripts(): { name: string; script: string }[] {
  const folders = readdirSync(migrations, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const names = folders.map((entry) => entry.name).sort()
  return names.map((name) => ({ name, script: readFileSync(join(migrations, name, "migration.sql"), "utf8") }))
}

/** Makes, once per state of the migrations, a stopped cluster that the tests copy. @returns its folder. */
async function templateCluster(): Promise<string> {
  const scripts = migrationScripts()
  const account = postgresAccount()
  const key = createHash("sha256")
    .update(JSON.stringify([migrationTable, scripts]))
    .update(String(account?.uid))
    .digest("hex")
    .slice(0, 16)
  const template = join(tmpdir(), `fjord-test-cluster-${process.getuid?.() ?? 0}`, key)
  if (existsSync(template)) return template
  mkdirSync(join(template, ".."), { recursive: true, mode: 0o755 })
  const partial = mkdtempSync(`${template}.`)
  reach(partial)
  const postgres = await startPostgres({ folder: partial, temporary: true })
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  await client.query(migrationTable)
  for (const { name, script } of scripts) {
    await client.query(script)
    const checksum = createHash("sha256").update(script).digest("hex")
    await client.query(
      "INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) VALUES ($1, $2, $3, now(), 1)",
      [randomUUID(), checksum, name],
    )
  }
  await client.end()
  await postgres.stop()
  for (const name of ["log", "port"]) rmSync(join(partial, name), { force: true })
  try {
    renameSync(partial, template)
  } catch (error) {
    // Another test file was quicker.
    rmSync(partial, { recursive: true, force: true })
    if (!existsSync(template)) throw error
  }
  return template
}

/** mkdtemp makes folders that the account of Postgres cannot pass. */
function reach(folder: string) {
  chmodSync(folder, 0o755)
}

function copyCluster(template: string, folder: string) {
  const account = postgresAccount()
  cpSync(template, folder, { recursive: true })
  chmodSync(join(folder, "data"), 0o700)
  if (account === undefined) return
  for (const name of ["data", "password"]) chownSync(join(folder, name), account.uid, account.gid)
  for (const entry of readdirSync(join(folder, "data"), { recursive: true, encoding: "utf8" }))
    chownSync(join(folder, "data", entry), account.uid, account.gid)
}

export async function startTestDatabase(): Promise<TestDatabase> {
  await removeAbandonedDatabases()
  const template = await templateCluster()
  const folder = mkdtempSync(join(tmpdir(), `${testFolderPrefix}${process.pid}-`))
  reach(folder)
  copyCluster(template, folder)
  const start = () => startPostgres({ folder, temporary: true })
  let postgres: RunningPostgres = await start()
  const kill = () => {
    try {
      process.kill(postgres.pid, "SIGQUIT")
    } catch {}
    rmSync(folder, { recursive: true, force: true })
  }
  process.on("exit", kill)
  const database = openDatabase(postgres.url, 5)
  return {
    url: postgres.url,
    database,
    async restart() {
      await postgres.stop()
      postgres = await start()
    },
    async stop() {
      process.off("exit", kill)
      await database.$disconnect()
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
