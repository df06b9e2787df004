/** Brings the database to the state that this version of Fjord needs. */

import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { openDatabase, Refusal } from "../../packages/db/src/index.ts"

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url))

/** Names of the migrations that the database has, or none where it is new. */
async function appliedMigrations(url: string): Promise<Set<string>> {
  const database = openDatabase(url, 1)
  try {
    const [table] = await database.$queryRaw<{ found: boolean }[]>`
      SELECT to_regclass('_prisma_migrations') IS NOT NULL AS found`
    if (table?.found !== true) return new Set()
    const rows = await database.$queryRaw<{ name: string }[]>`
      SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`
    return new Set(rows.map(({ name }) => name))
  } finally {
    await database.$disconnect()
  }
}

/** Applies the migrations that are missing. @throws Refusal with Prisma's own words */
export async function migrate(url: string): Promise<void> {
  const folders = readdirSync(path("prisma/migrations"), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const applied = await appliedMigrations(url)
  // Prisma takes seconds to find out that nothing is to be done.
  if (folders.every(({ name }) => applied.has(name))) return
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path("node_modules/prisma/build/index.js"), "migrate", "deploy"],
    { cwd: path("."), encoding: "utf8", env: { ...process.env, DATABASE_URL: url } },
  )
  if (status !== 0) throw new Refusal(`The database could not be migrated:\n${stdout}${stderr}`)
}
