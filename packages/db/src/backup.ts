/**
 * A studio's rows and files in a form that needs neither Postgres nor S3 to be kept: tables/NAME.jsonl, files/HH/HASH and
 * manifest.json, which comes last.
 */

import { createHash } from "node:crypto"
import { createWriteStream, existsSync } from "node:fs"
import { mkdir, rename, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { pipeline } from "node:stream/promises"
import type pg from "pg"
import { z } from "zod"
import { connected, migrationsOf, quoted } from "./backupClient.ts"
import type { FileStore } from "./fileStore.ts"

export const manifestSchema = z.object({
  format: z.literal(1),
  createdAt: z.string(),
  /** Names of the migrations that the rows fit. */
  migrations: z.array(z.string()),
  tables: z.array(z.object({ name: z.string(), rows: z.int(), sha256: z.string() })),
  files: z.int(),
  bytes: z.number(),
})
export type BackupManifest = z.infer<typeof manifestSchema>

/** How far a backup is; bytes are those of files. */
export type BackupProgress = {
  readonly rows: number
  readonly files: number
  readonly bytes: number
  /** Known once all rows are read. */
  readonly totalBytes?: number
}

/** One file of a backup; its bytes are to be read before the next is asked for. */
export type BackupEntry = { readonly path: string; readonly open: () => Promise<AsyncIterable<Uint8Array>> }

const batchRows = 500
/** Prisma's own record, what a restored studio has not done (its backups, its deletions), and what triggers write anew. */
const left = ["_prisma_migrations", "Backup", "FreedFile", "DatasetVersionFile"]

/** All tables, each after those that it refers to. */
async function tablesInOrder(client: pg.Client): Promise<string[]> {
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
     AND relname <> ALL ($1) ORDER BY 1`,
    [left],
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
 * Everything of a backup, one entry after the other: all rows as they were at one moment, all files that they name, and the
 * manifest. Who stops before the manifest has no backup.
 * @throws Error where the database ends the connection, or a file of a row is missing
 */
export async function* backupEntries(
  url: string,
  files: FileStore,
  onProgress: (progress: BackupProgress) => void = () => {},
): AsyncGenerator<BackupEntry, void> {
  const client = await connected(url)
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    const tables: BackupManifest["tables"] = []
    let rows = 0
    for (const name of await tablesInOrder(client)) {
      const table = { name, rows: 0, sha256: "" }
      yield { path: `tables/${name}.jsonl`, open: async () => linesOf(client, table) }
      tables.push(table)
      rows += table.rows
      onProgress({ rows, files: 0, bytes: 0 })
    }
    const stored = await client.query<{ hash: string; size: string }>('SELECT hash, "byteSize" AS size FROM "File"')
    const migrations = await migrationsOf(client)
    // A long copy of files must not keep the database from tidying up.
    await client.query("COMMIT")
    const totalBytes = stored.rows.reduce((sum, { size }) => sum + Number(size), 0)
    let bytes = 0
    for (const [i, { hash, size }] of stored.rows.entries()) {
      yield { path: `files/${hash.slice(0, 2)}/${hash}`, open: () => files.open(hash) }
      bytes += Number(size)
      onProgress({ rows, files: i + 1, bytes, totalBytes })
    }
    const count = stored.rows.length
    const createdAt = new Date().toISOString()
    const manifest: BackupManifest = { format: 1, createdAt, migrations, tables, files: count, bytes }
    yield { path: "manifest.json", open: async () => chunkOf(`${JSON.stringify(manifest, null, 2)}\n`) }
  } finally {
    await client.end().catch(() => {})
  }
}

async function* chunkOf(text: string) {
  yield Buffer.from(text)
}

/** A table's rows as lines of JSON; fills in how many and their hash. */
async function* linesOf(client: pg.Client, table: { name: string; rows: number; sha256: string }) {
  const hash = createHash("sha256")
  await client.query(
    `DECLARE dump NO SCROLL CURSOR FOR SELECT row_to_json(t)::text AS line FROM ${quoted(table.name)} t ${await orderOf(client, table.name)}`,
  )
  for (;;) {
    const { rows } = await client.query<{ line: string }>(`FETCH ${batchRows} FROM dump`)
    if (rows.length === 0) break
    table.rows += rows.length
    const chunk = Buffer.from(rows.map(({ line }) => `${line}\n`).join(""))
    hash.update(chunk)
    yield chunk
  }
  await client.query("CLOSE dump")
  table.sha256 = hash.digest("hex")
}

/**
 * Writes a backup into a folder. Files that the folder has from an earlier backup are not copied again; its rows and its
 * manifest are replaced at the end, so that one that breaks off leaves the earlier one whole.
 * @throws Error where a row's file is missing
 */
export async function backupStudio(
  url: string,
  files: FileStore,
  folder: string,
  onProgress?: (progress: BackupProgress) => void,
): Promise<void> {
  const waiting: string[] = []
  for await (const { path, open } of backupEntries(url, files, onProgress)) {
    const place = join(folder, ...path.split("/"))
    const isFile = path.startsWith("files/")
    if (isFile && existsSync(place)) continue
    await mkdir(dirname(place), { recursive: true })
    const partial = `${place}.part`
    await rm(partial, { force: true })
    await pipeline(await open(), createWriteStream(partial, { flags: "wx", flush: true }))
    if (isFile) await rename(partial, place)
    else waiting.push(place)
  }
  for (const place of waiting) await rename(`${place}.part`, place)
}
