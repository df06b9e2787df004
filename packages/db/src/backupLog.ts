/** The list of backups: who makes them writes down how far they are, and gives signs of life. */

import type { BackupProgress } from "./backup.ts"
import type { Database, DatabaseOrTransaction } from "./client.ts"
import { notify, topics } from "./notifications.ts"

const beatMs = 2000
/** A backup that gave no sign of life for this long has broken off. */
const silentMs = 15_000

export type BackupLog = {
  readonly onProgress: (progress: BackupProgress) => void
  /** @param problem why it failed; absent where all of it was written */
  end(problem?: string): Promise<void>
}

/** Begins a backup, also one that broke off before. @param id of its row */
export async function beginBackup(database: Database, id: string): Promise<BackupLog> {
  const now = new Date()
  const begun = { startedAt: now, heartbeatAt: now, finishedAt: null, problem: null }
  const record = async (data: Parameters<typeof database.backup.update>[0]["data"]) => {
    await database.backup.update({ where: { id }, data })
    await notify(database, topics.backups)
  }
  await record({ ...begun, rows: 0, files: 0, bytes: 0n, totalBytes: null })
  let progress: BackupProgress = { rows: 0, files: 0, bytes: 0 }
  const columns = () => {
    const { rows, files, bytes, totalBytes } = progress
    return { rows, files, bytes: BigInt(bytes), totalBytes: totalBytes === undefined ? null : BigInt(totalBytes) }
  }
  const beat = () => record({ ...columns(), heartbeatAt: new Date() })
  // A sign of life that the database did not take is followed by the next.
  const timer = setInterval(() => void beat().catch(() => {}), beatMs)
  timer.unref()
  return {
    onProgress(next) {
      progress = next
    },
    async end(problem) {
      clearInterval(timer)
      const end = problem === undefined ? { finishedAt: new Date() } : { problem }
      await record({ ...columns(), ...end, heartbeatAt: new Date() })
    },
  }
}

type BackupFacts = {
  readonly startedAt: Date | null
  readonly heartbeatAt: Date | null
  readonly finishedAt: Date | null
  readonly problem: string | null
}

export type BackupState = "WAITING" | "RUNNING" | "DONE" | "FAILED"

/** A state that follows from facts: nobody has to notice that whoever made the backup has gone. */
export function backupState(
  { startedAt, heartbeatAt, finishedAt, problem }: BackupFacts,
  now = Date.now(),
): BackupState {
  if (finishedAt !== null) return "DONE"
  if (problem !== null) return "FAILED"
  if (startedAt === null || heartbeatAt === null) return "WAITING"
  return now - heartbeatAt.getTime() < silentMs ? "RUNNING" : "FAILED"
}

/** Whether a backup is being made, whose files must stay. */
export async function backupIsMade(database: DatabaseOrTransaction): Promise<boolean> {
  const since = new Date(Date.now() - silentMs)
  const where = { finishedAt: null, problem: null, heartbeatAt: { gt: since } }
  return (await database.backup.findFirst({ where, select: { id: true } })) !== null
}
