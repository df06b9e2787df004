/** Putting a run into the queue: its row and its first event, then the news. */

import { announceRun, notify, topics } from "@fjord/db"
import type { Prisma, Run } from "@fjord/db/prisma"
import type { Context } from "../context.ts"
import { requireRoom } from "../files/storage.ts"

/**
 * @param data the row; its configuration has been checked by the contract of its kind.
 * @throws ConflictError where the team's room is taken up
 */
export async function queueRun(context: Context, data: Prisma.RunUncheckedCreateInput): Promise<Run> {
  await requireRoom(context, data.teamId)
  const queued = await context.database.$transaction(async (transaction) => {
    const run = await transaction.run.create({ data: { ...data, status: "QUEUED", lastSeq: 1 } })
    const event = { type: "StatusChanged", status: "QUEUED", attempt: 0 }
    await transaction.runEvent.create({ data: { runId: run.id, seq: 1, type: event.type, data: event } })
    await announceRun(transaction)
    await notify(transaction, topics.teamRuns(run.teamId), run.id)
    return run
  })
  context.log.info({ runId: queued.id, teamId: queued.teamId, kind: queued.kind }, "a run was queued")
  return queued
}
