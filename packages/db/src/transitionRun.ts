/** The only writer of a run's status: compare and set, told to everybody in the same transaction. */

import type { Failure, RecordedEventOf } from "@fjord/contracts"
import { Prisma } from "../generated/prisma/client.ts"
import type { RunStatus } from "../generated/prisma/enums.ts"
import type { DatabaseOrTransaction } from "./client.ts"
import { telling, topics } from "./notifications.ts"

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

/**
 * Moves the run, writes the event and tells of it in one statement: nobody sees one without the others, and a run is
 * locked for no longer than Postgres takes, however slowly its caller's machine answers.
 * @returns the run's attempt after the move, or null where the run was not in that state any more.
 */
export async function transitionRun(database: DatabaseOrTransaction, transition: Transition): Promise<number | null> {
  const { runId, from, to, attempt, silentSeconds, worker, failure, reason, died = false } = transition
  if (!moves[from].includes(to)) throw new RangeError(`A run that is ${from} cannot become ${to}.`)
  if ((to === "RUNNING") !== (worker !== undefined))
    throw new RangeError("A worker is named for RUNNING and for nothing else.")
  const ended = to === "SUCCEEDED" || to === "FAILED" || to === "CANCELLED"
  const again = from === "FAILED" || from === "CANCELLED"
  const changes = [
    Prisma.sql`status = ${to}::"RunStatus", phase = NULL, "lastSeq" = "lastSeq" + 1, "updatedAt" = now()`,
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
  // A run that somebody wants to stop is not begun, nor does it wait for a worker again; no other is cancelled.
  if (to === "RUNNING" || (to === "QUEUED" && !again)) conditions.push(Prisma.sql`"cancelRequestedAt" IS NULL`)
  if (to === "CANCELLED") conditions.push(Prisma.sql`"cancelRequestedAt" IS NOT NULL`)
  const event: Omit<RecordedEventOf<"StatusChanged">, "attempt"> = {
    type: "StatusChanged",
    status: to,
    ...(worker !== undefined && { workerName: worker.name }),
    ...(failure !== undefined && { failure }),
    ...(reason !== undefined && { reason }),
  }
  const [row] = await database.$queryRaw<{ attempt: number }[]>`
    WITH moved AS (
      UPDATE "Run" SET ${Prisma.join(changes, ", ")} WHERE ${Prisma.join(conditions, " AND ")}
      RETURNING id, attempt, "lastSeq", "teamId"
    ), written AS (
      INSERT INTO "RunEvent" ("runId", seq, type, data)
      SELECT id, "lastSeq", ${event.type}, ${JSON.stringify(event)}::jsonb || jsonb_build_object('attempt', attempt)
      FROM moved
    )
    SELECT attempt, ${telling(Prisma.sql`${topics.run(runId)}::text`)} AS "ofRun",
      ${telling(Prisma.sql`${topics.teamRuns("")}::text || "teamId"`, Prisma.sql`id`)} AS "ofTeam"
    FROM moved`
  return row?.attempt ?? null
}
