/** Rows, notifications and files: the only package that knows Prisma and Postgres. */

export { type BackupEntry, backupEntries, backupStudio } from "./backup.ts"
export { type BackupState, backupState, beginBackup } from "./backupLog.ts"
export { checkDatabase } from "./checkDatabase.ts"
export { type Database, type DatabaseOrTransaction, openDatabase } from "./client.ts"
export { type DatabaseClock, databaseClock } from "./clock.ts"
export { makeDataFolder } from "./dataFolder.ts"
export {
  endAbandonedPostgres,
  hasPostgres,
  type PostgresOptions,
  type RunningPostgres,
  startPostgres,
} from "./embeddedPostgres.ts"
export {
  type ByteRange,
  FileMissing,
  type FileStore,
  type FileStoreOptions,
  openFileStore,
  type StoredFile,
} from "./fileStore.ts"
export { FileSwept, recordFile, storingAgain } from "./files.ts"
export { modelFolderSweep } from "./modelFolders.ts"
export { maxNewsBytes, type News, type Notifications, notify, openNotifications, topics } from "./notifications.ts"
export { Refusal } from "./refusal.ts"
export { announceRun, requestCancel, requestNow, requeueRun } from "./requestRun.ts"
export { readManifest, restoreStudio } from "./restore.ts"
export { appendEvents, type NumberedEvent, RunLost, readEvents } from "./runEvents.ts"
export type { S3Options } from "./s3Storage.ts"
export { type Sealing, sealingOf } from "./sealing.ts"
export {
  aliveSeconds,
  fenceSeconds,
  heartbeatSeconds,
  silentSeconds,
  sweepSeconds,
  sweepSilentRuns,
  watchSilentRuns,
} from "./silentRuns.ts"
export { freedSweepSeconds, type Swept, sweepFiles, sweepFreedFiles } from "./sweep.ts"
export { type Transition, transitionRun } from "./transitionRun.ts"
export {
  beat,
  type ClaimedRun,
  claimRun,
  clearRequest,
  describeWorker,
  type Orders,
  registerWorker,
  releaseRun,
  retireWorker,
  type WorkerInfo,
  workerSlots,
} from "./workers.ts"
