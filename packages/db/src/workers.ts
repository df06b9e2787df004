/** Workers sign in, give signs of life, claim runs and give them back. */

import { randomUUID } from "node:crypto"
import type { Failure } from "@fjord/contracts"
import { Prisma } from "../generated/prisma/client.ts"
import type { RunKind } from "../generated/prisma/enums.ts"
import type { Database } from "./client.ts"
import { notify, topics } from "./notifications.ts"
import { transitionRun } from "./transitionRun.ts"

/** Attempts that may end without a word, without a checkpoint in between, before the run fails. */
const maxDeaths = 8

export type WorkerInfo = {
  readonly name: string
  readonly host: string
  readonly pid: number
  readonly version: string
  readonly provider: string
  readonly threads: number
  readonly memoryBytes: number
  /** What `fjord doctor` says of the machine. */
  readonly device: Record<string, string | number | boolean | readonly string[] | readonly object[]>
}

/** A run and the attempt at it that the worker owns. */
export type ClaimedRun = { readonly runId: string; readonly attempt: number }

/** A worker computes one run at a time, for it takes all cores and most of the memory, and moves files beside it. */
export const workerSlots: readonly (readonly RunKind[])[] = [["TRAINING", "GENERATION"], ["TRANSFER"]]

/** @returns the worker's id. */
export async function registerWorker(database: Database, info: WorkerInfo): Promise<string> {
  const { memoryBytes, device, ...rest } = info
  const id = randomUUID()
  await database.worker.create({ data: { ...rest, id, memoryBytes: BigInt(memoryBytes), device: { ...device } } })
  await notify(database, topics.workers)
  return id
}

/** Adds to what is known of the worker's machine; nobody is told. */
export async function describeWorker(
  database: Database,
  workerId: string,
  device: Readonly<Partial<WorkerInfo["device"]>>,
): Promise<void> {
  await database.$executeRaw`UPDATE "Worker" SET device = device || ${JSON.stringify(device)}::jsonb WHERE id = ${workerId}`
}

export async function retireWorker(database: Database, workerId: string): Promise<void> {
  await database.$executeRaw`UPDATE "Worker" SET "stoppedAt" = now() WHERE id = ${workerId}`
  await notify(database, topics.workers)
}

/** What its owner has to do about a run. */
export type Orders = { readonly cancel: boolean; readonly save: boolean; readonly sample: boolean }

/**
 * A worker's sign of life, and that of the runs it owns.
 * @returns the orders of those it still owns, by run id; the others belong to somebody else or have ended.
 */
export async function beat(
  database: Database,
  workerId: string,
  runs: readonly ClaimedRun[],
): Promise<ReadonlyMap<string, Orders>> {
  const orders = await beatOfRuns(database, runs)
  await database.$executeRaw`UPDATE "Worker" SET "heartbeatAt" = now() WHERE id = ${workerId}`
  return orders
}

async function beatOfRuns(database: Database, runs: readonly ClaimedRun[]): Promise<ReadonlyMap<string, Orders>> {
  if (runs.length === 0) return new Map()
  const owned = Prisma.join(runs.map(({ runId, attempt }) => Prisma.sql`(${runId}, ${attempt}::int)`))
  const rows = await database.$queryRaw<{ id: string; cancel: boolean; save: boolean; sample: boolean }[]>`
    UPDATE "Run" SET "heartbeatAt" = now()
    WHERE (id, attempt) IN (${owned}) AND status = 'RUNNING'
    RETURNING id, "cancelRequestedAt" IS NOT NULL AS cancel, "saveRequestedAt" IS NOT NULL AS save,
      "sampleRequestedAt" IS NOT NULL AS sample`
  return new Map(rows.map(({ id, ...orders }) => [id, orders]))
}

/** Takes the first run that waits: the highest priority, then the longest wait. @returns null where none waits. */
export function claimRun(
  database: Database,
  worker: { readonly id: string; readonly name: string },
  kinds: readonly RunKind[],
): Promise<ClaimedRun | null> {
  return database.$transaction(async (transaction) => {
    const wanted = Prisma.join(kinds.map((kind) => Prisma.sql`${kind}::"RunKind"`))
    const [waiting] = await transaction.$queryRaw<{ id: string }[]>`
      SELECT id FROM "Run"
      WHERE status = 'QUEUED' AND "cancelRequestedAt" IS NULL AND kind IN (${wanted})
      ORDER BY priority DESC, "queuedAt", id LIMIT 1 FOR UPDATE SKIP LOCKED`
    if (waiting === undefined) return null
    const runId = waiting.id
    const attempt = await transitionRun(transaction, { runId, from: "QUEUED", to: "RUNNING", worker })
    if (attempt === null) return null
    await notify(transaction, topics.workers)
    return { runId, attempt }
  })
}

const givenUp: Failure = {
  message: `The run's worker was lost ${maxDeaths} times without a new checkpoint in between.`,
  cause: "Most often the machine ran out of memory, or the worker's process was killed or restarted again and again.",
  advice:
    "Look at the worker's log and the machine's memory; then resume the run, with a smaller resolution or memory_mode: recompute if memory was the reason.",
}

/**
 * Gives a run back to the queue after its attempt ended without a word, or ends it: cancelled where that was asked for,
 * failed where it happens again and again.
 * @returns the new status, or null where the run was not that attempt's any more.
 */
export async function releaseRun(
  database: Database,
  run: ClaimedRun,
  options: {
    readonly reason: string
    readonly died: boolean
    readonly silentSeconds?: number
    readonly failure?: Failure
  },
): Promise<"QUEUED" | "CANCELLED" | "FAILED" | null> {
  const row = await database.run.findUnique({
    where: { id: run.runId },
    select: { cancelRequestedAt: true, deaths: true },
  })
  if (row === null) return null
  const { reason, died, failure } = options
  const base = {
    ...run,
    from: "RUNNING" as const,
    ...(options.silentSeconds && { silentSeconds: options.silentSeconds }),
  }
  if (row.cancelRequestedAt === null) {
    const fails = died && row.deaths + 1 >= maxDeaths
    const end = fails ? { to: "FAILED" as const, failure: failure ?? givenUp } : { to: "QUEUED" as const, reason }
    const moved = await transitionRun(database, { ...base, ...end, died })
    if (moved !== null && end.to === "QUEUED") await notify(database, topics.queue)
    if (moved !== null) return end.to
  }
  // Also where that was asked for since the row was read.
  return (await transitionRun(database, { ...base, to: "CANCELLED" })) === null ? null : "CANCELLED"
}

/** Takes back what was asked of a running run, because it is being done. */
export async function clearRequest(database: Database, run: ClaimedRun, what: "save" | "sample"): Promise<void> {
  const data = what === "save" ? { saveRequestedAt: null } : { sampleRequestedAt: null }
  await database.run.updateMany({ where: { id: run.runId, attempt: run.attempt }, data })
}
