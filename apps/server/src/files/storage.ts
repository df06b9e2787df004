/** How much room a team's files take, and how much they may take. */

import { Prisma } from "@fjord/db/prisma"
import { requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError } from "../expectedError.ts"

export type StorageShape = {
  readonly datasets: number
  readonly checkpoints: number
  readonly samples: number
  readonly models: number
  readonly generatedImages: number
  readonly downloads: number
  readonly total: number
}

/**
 * Hashes that rows of the team refer to, by kind. What nothing refers to takes no room of the team's, though its bytes lie
 * there until the sweep of files comes by: who deletes has room at once.
 */
const used = (teamId: string) => Prisma.sql`
  used (kind, hash) AS (
    SELECT 'datasets', i.hash FROM "Image" i JOIN "Dataset" d ON d.id = i."datasetId" WHERE d."teamId" = ${teamId}
    UNION SELECT 'versions', f.hash FROM "DatasetVersionFile" f JOIN "DatasetVersion" v ON v.id = f."versionId"
      JOIN "Dataset" d ON d.id = v."datasetId" WHERE d."teamId" = ${teamId}
    UNION SELECT 'checkpoints', f.hash FROM "CheckpointFile" f JOIN "Checkpoint" c ON c.id = f."checkpointId"
      JOIN "Run" r ON r.id = c."runId" WHERE r."teamId" = ${teamId}
    UNION SELECT 'samples', s.hash FROM "Sample" s JOIN "Run" r ON r.id = s."runId" WHERE r."teamId" = ${teamId}
    UNION SELECT 'models', f.hash FROM "ModelFile" f JOIN "Model" m ON m.id = f."modelId" WHERE m."teamId" = ${teamId}
    UNION SELECT 'generatedImages', g.hash FROM "GeneratedImage" g WHERE g."teamId" = ${teamId}
    UNION SELECT 'classImages', c.hash FROM "ClassImage" c WHERE c."teamId" = ${teamId}
    UNION SELECT 'downloads', f.hash FROM "RunFile" f JOIN "Run" r ON r.id = f."runId" WHERE r."teamId" = ${teamId}
    UNION SELECT 'uploads', u.hash FROM "Upload" u WHERE u."teamId" = ${teamId} AND u.hash IS NOT NULL
  )`

const total = Prisma.sql`
  SELECT coalesce(sum(f."byteSize"), 0)::float8 AS bytes FROM (SELECT DISTINCT hash FROM used) u JOIN "File" f USING (hash)`

export async function storageOf(context: Context, teamId: string): Promise<StorageShape> {
  requireRole(context, teamId, "VIEWER")
  const rows = await context.database.$queryRaw<{ kind: string; bytes: number }[]>`
    WITH ${used(teamId)}, total AS (${total})
    SELECT kind, coalesce(sum(f."byteSize"), 0)::float8 AS bytes FROM used JOIN "File" f USING (hash) GROUP BY kind
    UNION ALL SELECT 'total', bytes FROM total`
  const none = { datasets: 0, checkpoints: 0, samples: 0, models: 0, generatedImages: 0, downloads: 0, total: 0 }
  return { ...none, ...Object.fromEntries(rows.map(({ kind, bytes }) => [kind, bytes])) }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`

/** @throws ConflictError where the team's files would take more than FJORD_TEAM_BYTES with so many more bytes. */
export async function requireRoom(context: Context, teamId: string, more = 0): Promise<void> {
  const most = context.environment.FJORD_TEAM_BYTES
  if (most === 0) return
  const [row] = await context.database.$queryRaw<{ bytes: number }[]>`WITH ${used(teamId)} ${total}`
  const taken = row?.bytes ?? 0
  if (taken + more <= most && taken < most) return
  throw new ConflictError(
    `The team's files take ${megabytes(taken)} of ${megabytes(most)}${more > 0 ? `, and these are ${megabytes(more)} more` : ""}; delete pictures, runs, models or transfers first.`,
  )
}
