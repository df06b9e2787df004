/** A backup's rows and files put into an empty studio. */

import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type pg from "pg"
import { type BackupManifest, manifestSchema } from "./backup.ts"
import { connected, migrationsOf, quoted } from "./backupClient.ts"
import type { FileStore } from "./fileStore.ts"

const batchRows = 500

/** @throws Error where the folder has no manifest, or none that is one */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const text = await readFile(join(folder, "manifest.json"), "utf8").catch(() => {
    throw new Error(`${folder} is no whole backup: it has no manifest.json.`)
  })
  const parsed = manifestSchema.safeParse(JSON.parse(text))
  if (!parsed.success) throw new Error(`The manifest.json of ${folder} is not one that this Fjord knows.`)
  return parsed.data
}

/**
 * Puts a backup into a migrated database without accounts and into a file store: all rows or none. A backup of an older
 * version is taken; columns that came since have their defaults.
 * @throws Error where the database is in use, of another version, or the backup is damaged
 */
export async function restoreStudio(url: string, files: FileStore, folder: string): Promise<BackupManifest> {
  const manifest = await readManifest(folder)
  const client = await connected(url)
  try {
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
  } finally {
    await client.end().catch(() => {})
  }
}

async function loadTable(client: pg.Client, table: BackupManifest["tables"][number], folder: string) {
  const name = quoted(table.name)
  const hash = createHash("sha256")
  let batch: string[] = []
  let columns: string | undefined
  // The lines stay text on their way, so that no number loses digits.
  const insert = async () => {
    columns ??= columnsOf(batch[0] ?? "{}")
    await client.query(
      `INSERT INTO ${name} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${name}, $1::json)`,
      [`[${batch.join(",")}]`],
    )
    batch = []
  }
  const input = createReadStream(join(folder, "tables", `${table.name}.jsonl`))
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    hash.update(`${line}\n`)
    batch.push(line)
    if (batch.length === batchRows) await insert()
  }
  if (batch.length > 0) await insert()
  if (hash.digest("hex") !== table.sha256)
    throw new Error(`The table ${table.name} of the backup is damaged; nothing was restored.`)
}

/** Every row of a table names all the columns that the table had when it was written. */
const columnsOf = (line: string) => Object.keys(JSON.parse(line)).map(quoted).join(", ")
