/**
 * Removes files that no row refers to. What a deletion has freed goes within minutes: triggers of the database list it in
 * FreedFile. First the rows go, then, where no backup needs them, the bytes; whoever stores the same bytes meanwhile waits
 * for either at the file's row, and looks whether the bytes are there (`recordFile`).
 */

import { Prisma } from "../generated/prisma/client.ts"
import { backupIsMade } from "./backupLog.ts"
import type { Database } from "./client.ts"
import type { FileStore } from "./fileStore.ts"

export type Swept = { readonly rows: number; readonly files: number }

/** How often every worker and server looks for freed files; what one has locked the others pass by. */
export const freedSweepSeconds = 30
/** For who takes a deletion back, and for who is still reading what was deleted. */
const freedGraceSeconds = 300
/** How long bytes are kept that were never referred to: longer than any write takes from storing them to its row. */
const graceHours = 6

/** Few enough for a moment within a transaction, also where a bucket takes its time. */
const bytesAtOnce = 20
const rowsAtOnce = 500
/** Rows of File that one statement looks at: well under a second. */
const lookedAtOnce = 2000
const patience = { timeout: 30_000, maxWait: 10_000 }

/** Whether nothing of the team of `t` (TeamFile) refers to its file. */
const unusedByTeam = Prisma.sql`
  NOT EXISTS (SELECT 1 FROM "Image" i JOIN "Dataset" d ON d.id = i."datasetId" WHERE i.hash = t.hash AND d."teamId" = t."teamId")
  AND NOT EXISTS (SELECT 1 FROM "Sample" s JOIN "Run" r ON r.id = s."runId" WHERE s.hash = t.hash AND r."teamId" = t."teamId")
  AND NOT EXISTS (SELECT 1 FROM "GeneratedImage" g WHERE g.hash = t.hash AND g."teamId" = t."teamId")
  AND NOT EXISTS (SELECT 1 FROM "ClassImage" c WHERE c.hash = t.hash AND c."teamId" = t."teamId")
  AND NOT EXISTS (SELECT 1 FROM "CheckpointFile" f JOIN "Checkpoint" c ON c.id = f."checkpointId" JOIN "Run" r ON r.id = c."runId"
                  WHERE f.hash = t.hash AND r."teamId" = t."teamId")
  AND NOT EXISTS (SELECT 1 FROM "ModelFile" f JOIN "Model" m ON m.id = f."modelId" WHERE f.hash = t.hash AND m."teamId" = t."teamId")
  AND NOT EXISTS (SELECT 1 FROM "RunFile" f JOIN "Run" r ON r.id = f."runId" WHERE f.hash = t.hash AND r."teamId" = t."teamId")
  AND NOT EXISTS (SELECT 1 FROM "Upload" u WHERE u.hash = t.hash AND u."teamId" = t."teamId")
  AND NOT EXISTS (SELECT 1 FROM "DatasetVersionFile" f JOIN "DatasetVersion" v ON v.id = f."versionId"
                  JOIN "Dataset" d ON d.id = v."datasetId" WHERE f.hash = t.hash AND d."teamId" = t."teamId")
  AND NOT EXISTS (SELECT 1 FROM "Run" r WHERE r.status IN ('QUEUED', 'RUNNING') AND r."teamId" = t."teamId"
                  AND t.hash IN (r.config->>'hash', r.config#>>'{imageToImage,hash}'))`

/** Whether no team has the file of `f` (File); then nothing refers to it. */
const unused = Prisma.sql`
  NOT EXISTS (SELECT 1 FROM "TeamFile" t WHERE t.hash = f.hash)
  AND NOT EXISTS (SELECT 1 FROM "Image" i WHERE i.hash = f.hash)
  AND NOT EXISTS (SELECT 1 FROM "Sample" s WHERE s.hash = f.hash)
  AND NOT EXISTS (SELECT 1 FROM "GeneratedImage" g WHERE g.hash = f.hash)
  AND NOT EXISTS (SELECT 1 FROM "ClassImage" c WHERE c.hash = f.hash)
  AND NOT EXISTS (SELECT 1 FROM "CheckpointFile" c WHERE c.hash = f.hash)
  AND NOT EXISTS (SELECT 1 FROM "ModelFile" m WHERE m.hash = f.hash)
  AND NOT EXISTS (SELECT 1 FROM "RunFile" r WHERE r.hash = f.hash)
  AND NOT EXISTS (SELECT 1 FROM "DatasetVersionFile" v WHERE v.hash = f.hash)
  AND NOT EXISTS (SELECT 1 FROM "Upload" u WHERE u.hash = f.hash)`

/**
 * Removes what deletions have freed. Does nothing while a backup is made.
 * @param graceSeconds for tests
 */
export async function sweepFreedFiles(
  database: Database,
  files: FileStore,
  graceSeconds = freedGraceSeconds,
): Promise<Swept> {
  if (await backupIsMade(database)) return { rows: 0, files: 0 }
  let rows = 0
  for (let after: bigint | undefined = 0n; after !== undefined; ) {
    const portion = await removeRows(database, graceSeconds, after)
    rows += portion.rows
    after = portion.last
  }
  let removed = 0
  for (let portion = bytesAtOnce; portion === bytesAtOnce; removed += portion)
    portion = await removeBytes(database, files)
  await database.$executeRaw`
    DELETE FROM "FreedFile" WHERE "removedAt" < now() - make_interval(hours => ${graceHours}::int)`
  return { rows, files: removed }
}

/** @returns how many files lost their rows, and the last number looked at where there may be more. */
async function removeRows(
  database: Database,
  graceSeconds: number,
  after: bigint,
): Promise<{ rows: number; last: bigint | undefined }> {
  return database.$transaction(async (transaction) => {
    const freed = await transaction.$queryRaw<{ id: bigint; hash: string }[]>`
      SELECT id, hash FROM "FreedFile" WHERE id > ${after} AND "sweptAt" IS NULL
        AND "freedAt" < now() - make_interval(secs => ${graceSeconds}) ORDER BY id LIMIT ${rowsAtOnce} FOR UPDATE SKIP LOCKED`
    if (freed.length === 0) return { rows: 0, last: undefined }
    const hashes = [...new Set(freed.map(({ hash }) => hash))]
    // Whoever refers to a file locks its row first: what is locked is wanted again.
    const locked = await transaction.$queryRaw<{ hash: string }[]>`
      SELECT hash FROM "File" WHERE hash = ANY (${hashes}) ORDER BY hash FOR UPDATE SKIP LOCKED`
    const ours = locked.map(({ hash }) => hash)
    const others = await transaction.$queryRaw<{ hash: string }[]>`
      SELECT hash FROM "File" WHERE hash = ANY (${hashes}) AND hash <> ALL (${ours})`
    await transaction.$executeRaw`DELETE FROM "TeamFile" t WHERE t.hash = ANY (${ours}) AND ${unusedByTeam}`
    const gone = await transaction.$queryRaw<{ hash: string }[]>`
      DELETE FROM "File" f WHERE f.hash = ANY (${ours}) AND ${unused} RETURNING hash`
    const swept = gone.map(({ hash }) => hash)
    const ids = freed.map(({ id }) => id)
    await transaction.$executeRaw`
      UPDATE "FreedFile" SET "sweptAt" = now() WHERE id = ANY (${ids}) AND hash = ANY (${swept})`
    // What is used still, or has gone already, is settled.
    const open = [...swept, ...others.map(({ hash }) => hash)]
    await transaction.$executeRaw`DELETE FROM "FreedFile" WHERE id = ANY (${ids}) AND hash <> ALL (${open})`
    return { rows: swept.length, last: freed.length === rowsAtOnce ? freed.at(-1)?.id : undefined }
  }, patience)
}

/** @returns how many entries lost their bytes; fewer than `bytesAtOnce` where there are no more. */
async function removeBytes(database: Database, files: FileStore): Promise<number> {
  return database.$transaction(async (transaction) => {
    const swept = await transaction.$queryRaw<{ id: bigint; hash: string }[]>`
      SELECT id, hash FROM "FreedFile" WHERE "sweptAt" IS NOT NULL AND "removedAt" IS NULL
        ORDER BY id LIMIT ${bytesAtOnce} FOR UPDATE SKIP LOCKED`
    // Asked after the rows are seen to be gone: a backup that has read them is in the list by now.
    if (swept.length === 0 || (await backupIsMade(transaction))) return 0
    await Promise.all(swept.map(({ hash }) => files.delete(hash)))
    await transaction.$executeRaw`
      UPDATE "FreedFile" SET "removedAt" = now() WHERE id = ANY (${swept.map(({ id }) => id)})`
    return swept.length
  }, patience)
}

/**
 * Lists files that nothing refers to though no deletion has freed them, e.g. those of an upload that broke off, sweeps, and
 * removes the bytes without a row and those of killed processes that were still on their way, all when they are some hours
 * old. Does nothing while a backup is made.
 * @param graceSeconds for tests
 */
export async function sweepFiles(
  database: Database,
  files: FileStore,
  graceSeconds = graceHours * 3600,
): Promise<Swept> {
  if (await backupIsMade(database)) return { rows: 0, files: 0 }
  await files.removeLeftIncoming(new Date(Date.now() - graceSeconds * 1000))
  await listUnused(database, graceSeconds)
  const swept = await sweepFreedFiles(database, files, Math.min(graceSeconds, freedGraceSeconds))
  return { rows: swept.rows, files: swept.files + (await removeStrays(database, files, graceSeconds)) }
}

async function listUnused(database: Database, graceSeconds: number) {
  for (let after: string | null = ""; after !== null; ) {
    const [row]: { last: string | null }[] = await database.$queryRaw`
      WITH looked AS (
        SELECT hash, "createdAt" FROM "File" WHERE hash > ${after} ORDER BY hash LIMIT ${lookedAtOnce}
      ), listed AS (
        INSERT INTO "FreedFile" (hash, "freedAt") SELECT f.hash, f."createdAt" FROM looked f
          WHERE f."createdAt" < now() - make_interval(secs => ${graceSeconds}) AND (
            EXISTS (SELECT 1 FROM "TeamFile" t WHERE t.hash = f.hash AND ${unusedByTeam}) OR (${unused}))
      )
      SELECT max(hash) AS last FROM looked`
    after = row?.last ?? null
  }
}

/** Files that are asked about together: few, because their bytes may be stored anew between the question and the removal. */
const askedAtOnce = 100

async function removeStrays(database: Database, files: FileStore, graceSeconds: number): Promise<number> {
  let removed = 0
  let asked: string[] = []
  const removeUnknown = async () => {
    const rows = await database.file.findMany({ where: { hash: { in: asked } }, select: { hash: true } })
    const known = new Set(rows.map(({ hash }) => hash))
    const unknown = asked.filter((hash) => !known.has(hash))
    for (const hash of unknown) await files.delete(hash)
    removed += unknown.length
    asked = []
  }
  for await (const { hash, modifiedAt } of files.list()) {
    if (modifiedAt.getTime() > Date.now() - graceSeconds * 1000) continue
    if (asked.push(hash) === askedAtOnce) await removeUnknown()
  }
  await removeUnknown()
  return removed
}
