/** `npm run backup -- DIR` and `npm run restore -- DIR`: a studio's rows and files into a folder, and out of it. */

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
  startPostgres,
} from "../../packages/db/src/index.ts"
import { migrate } from "../studio/migrate.ts"
import { readSettings } from "../studio/settings.ts"

const [action, directory] = process.argv.slice(2)
if ((action !== "backup" && action !== "restore") || directory === undefined) {
  console.error("The folder is missing: npm run backup -- DIR, or npm run restore -- DIR.")
  process.exit(2)
}

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
      await backupStudio(url, files, folder, log?.onProgress)
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
  const { data, databaseUrl } = readSettings(process.env)
  const folder = resolve(process.env.INIT_CWD ?? ".", directory)
  const postgres = databaseUrl === undefined ? await startPostgres({ folder: join(data, "postgres") }) : undefined
  try {
    const url = databaseUrl ?? postgres?.url ?? ""
    const files = await openFileStore(fileStoreOptions(data))
    if (action === "restore") await migrate(url)
    const manifest = await (action === "backup" ? backup : restoreStudio)(url, files, folder)
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
    const what = `${rows} rows and ${manifest.files} files (${(manifest.bytes / 1e6).toFixed(1)} MB)`
    console.log(action === "backup" ? `${what} are kept in ${folder}.` : `${what} were restored from ${folder}.`)
  } finally {
    // One that ran before serves somebody.
    if (postgres?.started) await postgres.stop()
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
