-- AlterEnum
ALTER TYPE "ModelKind" ADD VALUE 'EMBEDDING';

-- AlterTable
ALTER TABLE "Upload" ADD COLUMN     "contents" JSONB,
ADD COLUMN     "hash" TEXT;

-- CreateTable
CREATE TABLE "RunFile" (
    "runId" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "RunFile_pkey" PRIMARY KEY ("runId","path")
);

-- CreateIndex
CREATE INDEX "RunFile_hash_idx" ON "RunFile"("hash");

-- CreateIndex
CREATE INDEX "Upload_hash_idx" ON "Upload"("hash");

-- AddForeignKey
ALTER TABLE "Upload" ADD CONSTRAINT "Upload_hash_fkey" FOREIGN KEY ("hash") REFERENCES "File"("hash") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RunFile" ADD CONSTRAINT "RunFile_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RunFile" ADD CONSTRAINT "RunFile_hash_fkey" FOREIGN KEY ("hash") REFERENCES "File"("hash") ON DELETE RESTRICT ON UPDATE CASCADE;
