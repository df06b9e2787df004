/**
 * A studio's rows and files in a folder that needs neither Postgres nor S3 to be kept: tables/NAME.jsonl, files/HH/HASH and
 * manifest.json, which is written last.
 */

import { createHash } from "node:crypto"
import { createReadStream, existsSync } from "node:fs"
import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import pg from "pg"
import { z } from "zod"
import type { FileStore } from "./fileStore.ts"

const manifestSchema = z.object({
  format: z.literal(1),
  createdAt: z.string(),
  /** Names of the migrations that the rows fit. */
  migrations: z.array(z.string()),
  tables: z.array(z.object({ name: z.string(), rows: z.int(), sha256: z.string() })),
  files: z.int(),
  bytes: z.number(),
})
export type BackupManifest = z.infer<typeof manifestSchema>

const batchRows = 500
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

async function connected<Answer>(url: string, work: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
  const client = new pg.Client({ connectionString: url })
  // A lost connection fails the query that waits for it; without a listener it would end the process too.
  client.on("error", () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

async function migrationsOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1",
  )
  return rows.map(({ name }) => name)
}

/** All tables, each after those that it refers to. */
async function tablesInOrder(client: pg.Client): Promise<string[]> {
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
     AND relname <> '_prisma_migrations' ORDER BY 1`,
  )
  const { rows: references } = await client.query<{ child: string; parent: string }>(
    `SELECT a.relname AS child, b.relname AS parent FROM pg_constraint c JOIN pg_class a ON a.oid = c.conrelid
     JOIN pg_class b ON b.oid = c.confrelid WHERE c.contype = 'f' AND a.oid <> b.oid`,
  )
  const order: string[] = []
  const visit = (name: string) => {
    if (order.includes(name)) return
    for (const { child, parent } of references) if (child === name) visit(parent)
    order.push(name)
  }
  for (const { name } of tables) visit(name)
  return order
}

/** Rows that may refer to rows of the same table stand after them. */
async function orderOf(client: pg.Client, table: string): Promise<string> {
  const { rowCount } = await client.query(
    "SELECT 1 FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1 AND column_name = 'createdAt'",
    [table],
  )
  return rowCount === 1 ? 'ORDER BY "createdAt"' : ""
}

/**
 * Writes all rows, as they were at one moment, and all files that they name. Files that the folder has from an earlier
 * backup are not copied again.
 * @throws Error where a row's file is missing; the folder then has no new manifest
 */
export async function backupStudio(url: string, files: FileStore, folder: string): Promise<BackupManifest> {
  await mkdir(join(folder, "tables"), { recursive: true })
  return connected(url, async (client) => {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    const tables: BackupManifest["tables"] = []
    for (const name of await tablesInOrder(client)) tables.push(await dumpTable(client, name, folder))
    const { rows } = await client.query<{ hash: string; size: string }>('SELECT hash, "byteSize" AS size FROM "File"')
    let bytes = 0
    for (const { hash, size } of rows) {
      bytes += Number(size)
      await copyOut(files, hash, join(folder, "files", hash.slice(0, 2), hash))
    }
    const manifest: BackupManifest = {
      format: 1,
      createdAt: new Date().toISOString(),
      migrations: await migrationsOf(client),
      tables,
      files: rows.length,
      bytes,
    }
    await writeFile(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`)
    return manifest
  })
}

async function dumpTable(client: pg.Client, name: string, folder: string) {
  const hash = createHash("sha256")
  const file = await open(join(folder, "tables", `${name}.jsonl`), "w")
  let count = 0
  try {
    await client.query(
      `DECLARE dump NO SCROLL CURSOR FOR SELECT row_to_json(t)::text AS line FROM ${quoted(name)} t ${await orderOf(client, name)}`,
    )
    for (;;) {
      const { rows } = await client.query<{ line: string }>(`FETCH ${batchRows} FROM dump`)
      if (rows.length === 0) break
      count += rows.length
      const text = rows.map(({ line }) => `${line}\n`).join("")
      hash.update(text)
      await file.write(text)
    }
    await client.query("CLOSE dump")
  } finally {
    await file.close()
  }
  return { name, rows: count, sha256: hash.digest("hex") }
}

async function copyOut(files: FileStore, hash: string, path: string) {
  if (existsSync(path)) return
  await mkdir(dirname(path), { recursive: true })
  const partial = `${path}.part`
  await rm(partial, { force: true })
  await files.copyTo(hash, partial)
  await rename(partial, path)
}

/**
 * Puts a backup into a migrated database without accounts and into a file store: all rows or none.
 * @throws Error where the database is in use, of another version, or the backup is damaged
 */
export async function restoreStudio(url: string, files: FileStore, folder: string): Promise<BackupManifest> {
  const text = await readFile(join(folder, "manifest.json"), "utf8").catch(() => {
    throw new Error(`${folder} is no whole backup: it has no manifest.json.`)
  })
  const manifest = manifestSchema.parse(JSON.parse(text))
  return connected(url, async (client) => {
    const present = await migrationsOf(client)
    const missing = manifest.migrations.filter((name) => !present.includes(name))
    if (missing.length > 0)
      throw new Error(`The backup is of a newer Fjord (${missing.join(", ")}); restore it with that version.`)
    await client.query("BEGIN")
    const { rowCount } = await client.query('SELECT 1 FROM "User" UNION ALL SELECT 1 FROM "Team" LIMIT 1')
    if (rowCount !== 0)
      throw new Error("The database has accounts already; restore into an empty one, e.g. with another FJORD_DATA.")
    for (const table of manifest.tables) await loadTable(client, table, folder)
    const { rows } = await client.query<{ hash: string }>('SELECT hash FROM "File"')
    for (const { hash } of rows) {
      const stored = await files.putFile(join(folder, "files", hash.slice(0, 2), hash))
      if (stored.hash !== hash) throw new Error(`The file ${hash} of the backup is damaged; nothing was restored.`)
    }
    await client.query("COMMIT")
    return manifest
  })
}

async function loadTable(client: pg.Client, table: BackupManifest["tables"][number], folder: string) {
  const name = quoted(table.name)
  const hash = createHash("sha256")
  let batch: string[] = []
  // The lines stay text on their way, so that no number loses digits.
  const insert = () =>
    client.query(`INSERT INTO ${name} SELECT * FROM json_populate_recordset(NULL::${name}, $1::json)`, [
      `[${batch.join(",")}]`,
    ])
  const input = createReadStream(join(folder, "tables", `${table.name}.jsonl`))
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    hash.update(`${line}\n`)
    batch.push(line)
    if (batch.length < batchRows) continue
    await insert()
    batch = []
  }
  if (batch.length > 0) await insert()
  if (hash.digest("hex") !== table.sha256)
    throw new Error(`The table ${table.name} of the backup is damaged; nothing was restored.`)
}
