-- AlterTable
ALTER TABLE "HubAccount" ADD COLUMN     "expiresAt" TIMESTAMP(3);
