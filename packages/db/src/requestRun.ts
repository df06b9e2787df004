/** What a person asks of a run; its worker obeys. */

import type { Database } from "./client.ts"
import { notify, topics } from "./notifications.ts"
import { transitionRun } from "./transitionRun.ts"

/** Tells the workers that a run waits; call it after, or in the transaction of, creating the row. */
export const announceRun = (database: Parameters<typeof notify>[0]) => notify(database, topics.queue)

/**
 * Stops a run. A waiting run is cancelled at once; a running one when its computing has ended, which its status then says.
 * @returns false where the run has ended already.
 */
export async function requestCancel(database: Database, runId: string): Promise<boolean> {
  const asked = await database.$executeRaw`
    UPDATE "Run" SET "cancelRequestedAt" = coalesce("cancelRequestedAt", now())
    WHERE id = ${runId} AND status IN ('QUEUED', 'RUNNING')`
  if (asked === 0) return false
  await transitionRun(database, { runId, from: "QUEUED", to: "CANCELLED" })
  await notify(database, topics.orders(runId))
  return true
}

/** Asks a running training for a checkpoint or for samples after its current step. @returns false where it does not run. */
export async function requestNow(database: Database, runId: string, what: "save" | "sample"): Promise<boolean> {
  const data = what === "save" ? { saveRequestedAt: new Date() } : { sampleRequestedAt: new Date() }
  const { count } = await database.run.updateMany({ where: { id: runId, status: "RUNNING", kind: "TRAINING" }, data })
  if (count === 0) return false
  await notify(database, topics.orders(runId))
  return true
}

/** Puts a failed or cancelled run back into the queue, to go on from its last checkpoint. @returns false where it is neither. */
export async function requeueRun(database: Database, runId: string): Promise<boolean> {
  for (const from of ["FAILED", "CANCELLED"] as const) {
    if ((await transitionRun(database, { runId, from, to: "QUEUED" })) === null) continue
    await announceRun(database)
    return true
  }
  return false
}
