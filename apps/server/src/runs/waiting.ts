/** What a queued run waits for. */

import { workerSlots } from "@fjord/db"
import type { Run } from "@fjord/db/prisma"
import type { Context } from "../context.ts"
import { shownStatus, workerAlive } from "./alive.ts"
import { recentWorkers } from "./followWorkers.ts"

export type WaitingShape = {
  /** How many runs are taken before it, of all teams. */
  readonly ahead: number
  readonly workers: number
}

/** @returns null for a run that does not wait. */
export async function waitingOf(run: Run, context: Context): Promise<WaitingShape | null> {
  if (shownStatus(run, context) !== "QUEUED") return null
  const { database } = context
  const { id, kind, priority, queuedAt } = run
  const ahead = await database.run.count({
    where: {
      status: "QUEUED",
      cancelRequestedAt: null,
      kind: { in: [...(workerSlots.find((kinds) => kinds.includes(kind)) ?? [kind])] },
      // As claimRun orders them.
      OR: [
        { priority: { gt: priority } },
        { priority, queuedAt: { lt: queuedAt } },
        { priority, queuedAt, id: { lt: id } },
      ],
    },
  })
  const workers = await recentWorkers(database)
  return { ahead, workers: workers.filter((worker) => workerAlive(worker, context)).length }
}
