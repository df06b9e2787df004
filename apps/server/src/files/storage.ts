/** How much room a team's files take. */

import { requireRole } from "../access.ts"
import type { Context } from "../context.ts"

export type StorageShape = {
  readonly datasets: number
  readonly checkpoints: number
  readonly samples: number
  readonly models: number
  readonly generatedImages: number
  readonly total: number
}

export async function storageOf(context: Context, teamId: string): Promise<StorageShape> {
  requireRole(context, teamId, "VIEWER")
  const rows = await context.database.$queryRaw<{ kind: keyof StorageShape; bytes: number }[]>`
    WITH used (kind, hash) AS (
      SELECT 'datasets', i.hash FROM "Image" i JOIN "Dataset" d ON d.id = i."datasetId" WHERE d."teamId" = ${teamId}
      UNION SELECT 'checkpoints', f.hash FROM "CheckpointFile" f JOIN "Checkpoint" c ON c.id = f."checkpointId"
        JOIN "Run" r ON r.id = c."runId" WHERE r."teamId" = ${teamId}
      UNION SELECT 'samples', s.hash FROM "Sample" s JOIN "Run" r ON r.id = s."runId" WHERE r."teamId" = ${teamId}
      UNION SELECT 'models', f.hash FROM "ModelFile" f JOIN "Model" m ON m.id = f."modelId" WHERE m."teamId" = ${teamId}
      UNION SELECT 'generatedImages', g.hash FROM "GeneratedImage" g WHERE g."teamId" = ${teamId}
    )
    SELECT kind, coalesce(sum(f."byteSize"), 0)::float8 AS bytes FROM used JOIN "File" f USING (hash) GROUP BY kind
    UNION ALL SELECT 'total', coalesce(sum(f."byteSize"), 0)::float8 FROM "TeamFile" t JOIN "File" f USING (hash)
      WHERE t."teamId" = ${teamId}`
  const none = { datasets: 0, checkpoints: 0, samples: 0, models: 0, generatedImages: 0, total: 0 }
  return { ...none, ...Object.fromEntries(rows.map(({ kind, bytes }) => [kind, bytes])) }
}
