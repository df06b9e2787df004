/** The only writer of a run's status: compare and set, told to everybody in the same transaction. */

import type { Failure, RecordedEvent } from "@fjord/contracts"
import { Prisma } from "../generated/prisma/client.ts"
import type { RunStatus } from "../generated/prisma/enums.ts"
import type { Database } from "./client.ts"
import { notify, topics } from "./notifications.ts"

const moves: Readonly<Record<RunStatus, readonly RunStatus[]>> = {
  QUEUED: ["RUNNING", "CANCELLED", "FAILED"],
  RUNNING: ["QUEUED", "SUCCEEDED", "FAILED", "CANCELLED"],
  SUCCEEDED: [],
  FAILED: ["QUEUED"],
  CANCELLED: ["QUEUED"],
}

export type Transition = {
  readonly runId: string
  readonly from: RunStatus
  readonly to: RunStatus
  /** Only while this is the run's latest attempt. */
  readonly attempt?: number
  /** Only while the run's last sign of life is older than this, by the database's clock. */
  readonly silentSeconds?: number
  /** Who claims it; needed for RUNNING. */
  readonly worker?: { readonly id: string; readonly name: string }
  readonly failure?: Failure
  /** Why a run goes back to the queue, in words. */
  readonly reason?: string
  /** Counts the attempt among those that ended without a word. */
  readonly died?: boolean
}

/** @returns the run's attempt after the move, or null where the run was not in that state any more. */
export async function transitionRun(
  database: Database | Prisma.TransactionClient,
  transition: Transition,
): Promise<number | null> {
  const { from, to } = transition
  if (!moves[from].includes(to)) throw new RangeError(`A run that is ${from} cannot become ${to}.`)
  if ((to === "RUNNING") !== (transition.worker !== undefined))
    throw new RangeError("A worker is named for RUNNING and for nothing else.")
  return "$transaction" in database
    ? database.$transaction((transaction) => move(transaction, transition))
    : move(database, transition)
}

async function move(transaction: Prisma.TransactionClient, transition: Transition): Promise<number | null> {
  const { runId, from, to, attempt, silentSeconds, worker, failure, reason, died = false } = transition
  const ended = to === "SUCCEEDED" || to === "FAILED" || to === "CANCELLED"
  const again = from === "FAILED" || from === "CANCELLED"
  const changes = [
    Prisma.sql`status = ${to}::"RunStatus", "lastSeq" = "lastSeq" + 1, "updatedAt" = now()`,
    Prisma.sql`failure = ${failure === undefined ? null : JSON.stringify(failure)}::jsonb`,
    Prisma.sql`"endedAt" = ${ended ? Prisma.sql`now()` : Prisma.sql`NULL`}`,
  ]
  if (worker !== undefined)
    changes.push(
      Prisma.sql`attempt = attempt + 1, "workerId" = ${worker.id}, "heartbeatAt" = now(), "startedAt" = coalesce("startedAt", now())`,
    )
  if (to !== "RUNNING")
    changes.push(Prisma.sql`"saveRequestedAt" = NULL, "sampleRequestedAt" = NULL, "etaSeconds" = NULL`)
  if (to === "QUEUED")
    changes.push(Prisma.sql`"queuedAt" = CASE WHEN ${again} THEN now() ELSE "queuedAt" END, "heartbeatAt" = NULL`)
  if (again) changes.push(Prisma.sql`"cancelRequestedAt" = NULL, deaths = 0`)
  if (died) changes.push(Prisma.sql`deaths = deaths + 1`)
  const conditions = [Prisma.sql`id = ${runId} AND status = ${from}::"RunStatus"`]
  if (attempt !== undefined) conditions.push(Prisma.sql`attempt = ${attempt}`)
  if (silentSeconds !== undefined)
    conditions.push(
      Prisma.sql`("heartbeatAt" IS NULL OR "heartbeatAt" < now() - make_interval(secs => ${silentSeconds}))`,
    )
  // A run that somebody wants to stop is not begun.
  if (to === "RUNNING") conditions.push(Prisma.sql`"cancelRequestedAt" IS NULL`)
  const rows = await transaction.$queryRaw<{ attempt: number; lastSeq: number; teamId: string }[]>`
    UPDATE "Run" SET ${Prisma.join(changes, ", ")} WHERE ${Prisma.join(conditions, " AND ")}
    RETURNING attempt, "lastSeq", "teamId"`
  const [row] = rows
  if (row === undefined) return null
  const event: RecordedEvent = {
    type: "StatusChanged",
    status: to,
    attempt: row.attempt,
    ...(worker !== undefined && { workerName: worker.name }),
    ...(failure !== undefined && { failure }),
    ...(reason !== undefined && { reason }),
  }
  await transaction.runEvent.create({ data: { runId, seq: row.lastSeq, type: event.type, data: event } })
  await notify(transaction, topics.run(runId))
  await notify(transaction, topics.teamRuns(row.teamId), runId)
  return row.attempt
}
