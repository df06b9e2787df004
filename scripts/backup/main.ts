/** `npm run backup -- DIR` and `npm run restore -- DIR`: a studio's rows and files into a folder, and out of it. */

import { join, resolve } from "node:path"
import {
  backupStudio,
  type FileStoreOptions,
  openFileStore,
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

try {
  const { data, databaseUrl } = readSettings(process.env)
  const folder = resolve(process.env.INIT_CWD ?? ".", directory)
  const postgres = databaseUrl === undefined ? await startPostgres({ folder: join(data, "postgres") }) : undefined
  try {
    const url = databaseUrl ?? postgres?.url ?? ""
    const files = await openFileStore(fileStoreOptions(data))
    if (action === "restore") await migrate(url)
    const manifest = await (action === "backup" ? backupStudio : restoreStudio)(url, files, folder)
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
