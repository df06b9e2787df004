/**
 * `npm run backup -- DIR [--json]` and `npm run restore -- DIR [--json]`: a studio's rows and files into a folder, and out of
 * it. With --json progress and the end are one JSON object per line each.
 */

import { join, resolve } from "node:path"
import {
  backupStudio,
  beginBackup,
  type FileStore,
  type FileStoreOptions,
  openDatabase,
  openFileStore,
  readManifest,
  restoreStudio,
} from "../../packages/db/src/index.ts"
import { withDatabase } from "../studio/database.ts"
import { migrate } from "../studio/migrate.ts"
import { readSettings } from "../studio/settings.ts"

const words = process.argv.slice(2)
const json = words.includes("--json")
const [action, directory, ...others] = words.filter((word) => word !== "--json")
if ((action !== "backup" && action !== "restore") || !directory || directory.startsWith("-") || others.length > 0) {
  console.error("One folder is wanted: npm run backup -- DIR [--json], or npm run restore -- DIR [--json].")
  process.exit(2)
}
const print = (event: object) => console.log(JSON.stringify(event))

function fileStoreOptions(data: string): FileStoreOptions {
  const { S3_ENDPOINT, S3_BUCKET, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_REGION } = process.env
  const folder = join(data, "files")
  if (!S3_ENDPOINT) return { folder }
  if (!S3_BUCKET || !S3_ACCESS_KEY_ID || !S3_SECRET_ACCESS_KEY)
    throw new Error("S3_ENDPOINT is set: S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are needed beside it.")
  const keys = { accessKeyId: S3_ACCESS_KEY_ID, secretAccessKey: S3_SECRET_ACCESS_KEY, region: S3_REGION || "auto" }
  return { folder, s3: { endpoint: S3_ENDPOINT, bucket: S3_BUCKET, ...keys } }
}

/** Writes a backup and that it was made, which the dashboard shows. */
async function backup(url: string, files: FileStore, folder: string) {
  const database = openDatabase(url, 2)
  try {
    // A backup before an upgrade must not need the upgrade: older databases have no list of backups.
    const row = await database.backup.create({ data: { folder } }).catch((error: { code?: unknown }) => {
      if (error.code === "P2021") return undefined
      throw error
    })
    const log = row && (await beginBackup(database, row.id))
    try {
      await backupStudio(url, files, folder, (progress) => {
        if (json) print({ type: "BackupProgress", ...progress })
        log?.onProgress(progress)
      })
      await log?.end()
    } catch (error) {
      await log?.end(error instanceof Error ? error.message : String(error)).catch(() => {})
      throw error
    }
  } finally {
    await database.$disconnect()
  }
  return readManifest(folder)
}

try {
  const settings = readSettings(process.env)
  const folder = resolve(process.env.INIT_CWD ?? ".", directory)
  const manifest = await withDatabase(settings, action === "restore", async (url) => {
    const files = await openFileStore(fileStoreOptions(settings.data))
    if (action === "restore") await migrate(url)
    return (action === "backup" ? backup : restoreStudio)(url, files, folder)
  })
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
  const { files: count, bytes } = manifest
  if (json)
    print({ type: action === "backup" ? "BackupFinished" : "RestoreFinished", folder, rows, files: count, bytes })
  else {
    const what = `${rows} rows and ${count} files (${(bytes / 1e6).toFixed(1)} MB)`
    console.log(action === "backup" ? `${what} are kept in ${folder}.` : `${what} were restored from ${folder}.`)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
