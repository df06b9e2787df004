-- AlterTable
ALTER TABLE "WebhookDelivery" ADD COLUMN "dueAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN "type" TEXT;

-- Deliveries from before know their event alone.
UPDATE "WebhookDelivery" d SET "type" = coalesce((SELECT e.type FROM "RunEvent" e WHERE e."runId" = d."runId" AND e.seq = d.seq), 'StatusChanged');

ALTER TABLE "WebhookDelivery" ALTER COLUMN "type" SET NOT NULL;

-- CreateTable
CREATE TABLE "Backup" (
    "id" TEXT NOT NULL,
    "createdById" TEXT,
    "folder" TEXT,
    "startedAt" TIMESTAMP(3),
    "heartbeatAt" TIMESTAMP(3),
    "finishedAt" TIMESTAMP(3),
    "problem" TEXT,
    "rows" INTEGER NOT NULL DEFAULT 0,
    "files" INTEGER NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "totalBytes" BIGINT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Backup_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "WebhookDelivery_deliveredAt_dueAt_idx" ON "WebhookDelivery"("deliveredAt", "dueAt");

-- CreateIndex
CREATE INDEX "Backup_createdAt_idx" ON "Backup"("createdAt");

-- AddForeignKey
ALTER TABLE "Backup" ADD CONSTRAINT "Backup_createdById_fkey" FOREIGN KEY ("createdById") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;
