-- AlterTable
ALTER TABLE "Run" ADD COLUMN     "phase" JSONB;
