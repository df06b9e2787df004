-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "phase" JSONB;

-- The event that told of one phase only has become one that tells of every phase.
UPDATE "RunEvent"
SET "type" = 'PhaseProgressed',
    "data" = jsonb_build_object('type', 'PhaseProgressed', 'phase', 'pictures', 'done', "data"->'images', 'total', "data"->'images')
WHERE "data"->>'type' = 'LatentsCached';
