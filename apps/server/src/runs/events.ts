/** The events of a run as the API shows them. */

import type { RecordedEvent } from "@fjord/contracts"
import type { PrismaClient } from "@fjord/db/prisma"

export type RunEventShape = {
  /** null for a preview, which is kept nowhere. */
  readonly seq: number | null
  readonly type: string
  readonly createdAt: Date
  readonly data: unknown
}

/** Events of which a run's log has a line. */
export const loggedEvents: readonly RecordedEvent["type"][] = [
  "StatusChanged",
  "RunStarted",
  "MemoryEstimated",
  "Message",
  "CheckpointSaved",
  "RunFinished",
]

/** @returns at most `first` (1000) events after number `after`, in order. */
export async function eventsAfter(
  database: PrismaClient,
  runId: string,
  after: number,
  first: number,
  types?: readonly string[],
): Promise<RunEventShape[]> {
  return database.runEvent.findMany({
    where: { runId, seq: { gt: after }, ...(types && { type: { in: [...types] } }) },
    orderBy: { seq: "asc" },
    take: Math.max(0, Math.min(first, 1000)),
    select: { seq: true, type: true, createdAt: true, data: true },
  })
}
