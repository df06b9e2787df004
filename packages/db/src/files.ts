/** Rows of stored files, and the sweep of bytes that no row needs. */

import { backupIsMade } from "./backupLog.ts"
import type { Database, DatabaseOrTransaction } from "./client.ts"
import type { FileStore, StoredFile } from "./fileStore.ts"

/** Makes a stored file known, and readable for a team where one is given. @returns the address of the team's file. */
export async function recordFile(
  database: DatabaseOrTransaction,
  file: StoredFile & { readonly mediaType: string },
  teamId: string,
): Promise<string> {
  const { hash, byteSize, mediaType } = file
  // One statement each: two writers of the same bytes must not meet between a look and a write.
  await database.$executeRaw`
    INSERT INTO "File" (hash, "byteSize", "mediaType") VALUES (${hash}, ${BigInt(byteSize)}, ${mediaType})
    ON CONFLICT (hash) DO UPDATE SET "createdAt" = now()`
  const row = await database.teamFile.upsert({
    where: { teamId_hash: { teamId, hash } },
    create: { teamId, hash },
    update: {},
  })
  return row.id
}

/** How long bytes are kept that nothing refers to: longer than any write takes from storing them to its row. */
const graceHours = 6

/** Files that are asked about together: few, because their bytes may be stored anew between the question and the removal. */
const askedAtOnce = 100

/**
 * Removes the rows of files that nothing refers to, then the bytes without a row, both when they are some hours old. Does
 * nothing while a backup is made.
 * @param graceSeconds for tests
 */
export async function sweepFiles(
  database: Database,
  files: FileStore,
  graceSeconds = graceHours * 3600,
): Promise<{ rows: number; files: number }> {
  if (await backupIsMade(database)) return { rows: 0, files: 0 }
  await database.$executeRaw`
    DELETE FROM "TeamFile" t WHERE t."createdAt" < now() - make_interval(secs => ${graceSeconds})
      AND EXISTS (SELECT 1 FROM "File" f WHERE f.hash = t.hash AND f."createdAt" < now() - make_interval(secs => ${graceSeconds}))
      AND NOT EXISTS (SELECT 1 FROM "Image" i JOIN "Dataset" d ON d.id = i."datasetId" WHERE i.hash = t.hash AND d."teamId" = t."teamId")
      AND NOT EXISTS (SELECT 1 FROM "Sample" s JOIN "Run" r ON r.id = s."runId" WHERE s.hash = t.hash AND r."teamId" = t."teamId")
      AND NOT EXISTS (SELECT 1 FROM "GeneratedImage" g WHERE g.hash = t.hash AND g."teamId" = t."teamId")
      AND NOT EXISTS (SELECT 1 FROM "ClassImage" c WHERE c.hash = t.hash AND c."teamId" = t."teamId")
      AND NOT EXISTS (SELECT 1 FROM "CheckpointFile" f JOIN "Checkpoint" c ON c.id = f."checkpointId" JOIN "Run" r ON r.id = c."runId"
                      WHERE f.hash = t.hash AND r."teamId" = t."teamId")
      AND NOT EXISTS (SELECT 1 FROM "ModelFile" f JOIN "Model" m ON m.id = f."modelId" WHERE f.hash = t.hash AND m."teamId" = t."teamId")
      AND NOT EXISTS (SELECT 1 FROM "RunFile" f JOIN "Run" r ON r.id = f."runId" WHERE f.hash = t.hash AND r."teamId" = t."teamId")
      AND NOT EXISTS (SELECT 1 FROM "Upload" u WHERE u.hash = t.hash AND u."teamId" = t."teamId")
      AND NOT EXISTS (SELECT 1 FROM "DatasetVersion" v JOIN "Dataset" d ON d.id = v."datasetId"
                      WHERE d."teamId" = t."teamId" AND v.manifest @> jsonb_build_array(jsonb_build_object('hash', t.hash)))`
  const rows = await database.$executeRaw`
    DELETE FROM "File" f WHERE f."createdAt" < now() - make_interval(secs => ${graceSeconds})
      AND NOT EXISTS (SELECT 1 FROM "TeamFile" t WHERE t.hash = f.hash)
      AND NOT EXISTS (SELECT 1 FROM "Image" i WHERE i.hash = f.hash)
      AND NOT EXISTS (SELECT 1 FROM "Sample" s WHERE s.hash = f.hash)
      AND NOT EXISTS (SELECT 1 FROM "GeneratedImage" g WHERE g.hash = f.hash)
      AND NOT EXISTS (SELECT 1 FROM "ClassImage" c WHERE c.hash = f.hash)
      AND NOT EXISTS (SELECT 1 FROM "CheckpointFile" c WHERE c.hash = f.hash)
      AND NOT EXISTS (SELECT 1 FROM "ModelFile" m WHERE m.hash = f.hash)
      AND NOT EXISTS (SELECT 1 FROM "RunFile" r WHERE r.hash = f.hash)
      AND NOT EXISTS (SELECT 1 FROM "Upload" u WHERE u.hash = f.hash)`
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
  return { rows, files: removed }
}
