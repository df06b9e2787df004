/** A run's events: appended by the attempt that owns it, read by whoever follows it. */

import {
  type PhaseProgress,
  phaseProgress,
  type RecordedEvent,
  type RecordedEventOf,
  recordedEvent,
} from "@fjord/contracts"
import { Prisma } from "../generated/prisma/client.ts"
import type { Database, DatabaseOrTransaction } from "./client.ts"
import { notify, topics } from "./notifications.ts"

/** The run has been given to another attempt, or has ended: what this one has done does not count any more. */
export class RunLost extends Error {
  override readonly name = "RunLost"
  constructor(runId: string, attempt: number) {
    super(`Attempt ${attempt} does not own the run ${runId} any more.`)
  }
}

/**
 * Writes events, metrics and the run's progress, and whatever `also` writes, in one transaction.
 * @param after the number of the last event that the writer knows of. Where the connection breaks while a transaction is
 *   committed, nobody can tell whether it was: the same call again then writes what is missing, and nothing twice.
 * @returns the number of the last event
 * @throws RunLost where `attempt` is not the run's latest or the run does not run; nothing is written then
 */
export function appendEvents(
  database: Database,
  { runId, attempt }: { readonly runId: string; readonly attempt: number },
  events: readonly RecordedEvent[],
  also?: (transaction: Prisma.TransactionClient) => Promise<void>,
  after?: number,
): Promise<number> {
  const next = after === undefined ? Prisma.empty : Prisma.sql`AND "lastSeq" = ${after}`
  return database.$transaction(
    async (transaction) => {
      // Locks the run's row: events of one run are numbered one writer at a time.
      const [row] = await transaction.$queryRaw<{ lastSeq: number; teamId: string }[]>`
        UPDATE "Run" SET "lastSeq" = "lastSeq" + ${events.length}, "heartbeatAt" = now(), "updatedAt" = now()
        ${progress(events)}
        WHERE id = ${runId} AND attempt = ${attempt} AND status = 'RUNNING' ${next}
        RETURNING "lastSeq", "teamId"`
      if (row === undefined) {
        if (after === undefined || !(await isWritten(transaction, runId, attempt, after, events)))
          throw new RunLost(runId, attempt)
        return after + events.length
      }
      const first = row.lastSeq - events.length + 1
      await transaction.runEvent.createMany({
        data: events.map((data, i) => ({ runId, seq: first + i, type: data.type, data })),
      })
      await writeMetrics(transaction, runId, events)
      await also?.(transaction)
      await notify(transaction, topics.run(runId))
      await notify(transaction, topics.teamRuns(row.teamId), runId)
      return row.lastSeq
    },
    { timeout: 30_000, maxWait: 10_000 },
  )
}

/** Whether these events follow number `after` already. Who takes a run away writes no other event than StatusChanged. */
async function isWritten(
  transaction: Prisma.TransactionClient,
  runId: string,
  attempt: number,
  after: number,
  events: readonly RecordedEvent[],
): Promise<boolean> {
  const owned = await transaction.run.count({ where: { id: runId, attempt } })
  const found = await transaction.runEvent.findUnique({ where: { runId_seq: { runId, seq: after + 1 } } })
  return owned === 1 && found !== null && found.type !== "StatusChanged" && found.type === events[0]?.type
}

const eventsOf = <Type extends RecordedEvent["type"]>(events: readonly RecordedEvent[], type: Type) =>
  events.filter((event): event is RecordedEventOf<Type> => event.type === type)

/** What the events change in the run's row, as SQL that begins with a comma. */
function progress(events: readonly RecordedEvent[]): Prisma.Sql {
  const changes: Prisma.Sql[] = []
  const started = eventsOf(events, "RunStarted").at(-1)
  const step = eventsOf(events, "StepFinished").at(-1)
  const denoising = eventsOf(events, "DenoisingStep").at(-1)
  const estimate = eventsOf(events, "MemoryEstimated").at(-1)
  const finished = eventsOf(events, "RunFinished").at(-1)
  const phase = phaseAfter(events)
  if (started !== undefined) changes.push(Prisma.sql`, "totalSteps" = ${started.steps}`)
  if (started !== undefined && step === undefined) changes.push(Prisma.sql`, step = ${started.resumedFrom ?? 0}`)
  if (step !== undefined)
    changes.push(Prisma.sql`, step = ${step.step}, loss = ${step.loss}, "etaSeconds" = ${step.etaSeconds}`)
  if (denoising !== undefined) changes.push(Prisma.sql`, step = ${denoising.step}, "totalSteps" = ${denoising.total}`)
  if (estimate !== undefined)
    changes.push(Prisma.sql`, "estimateBytes" = ${BigInt(Math.round(estimate.estimateBytes))}`)
  if (finished !== undefined) changes.push(Prisma.sql`, "peakBytes" = ${BigInt(Math.round(finished.peakBytes))}`)
  if (phase !== undefined) changes.push(Prisma.sql`, phase = ${phase && JSON.stringify(phase)}::jsonb`)
  // A saved checkpoint is progress: the attempts that died before it are forgiven.
  if (eventsOf(events, "CheckpointSaved").length > 0) changes.push(Prisma.sql`, deaths = 0`)
  return changes.length === 0 ? Prisma.empty : Prisma.join(changes, "")
}

/** After these a run makes steps, until another phase is told of. */
const endsPhase: ReadonlySet<RecordedEvent["type"]> = new Set(["StepFinished", "DenoisingStep", "CheckpointSaved"])

/** The phase that a run is in after the events, null for none; undefined where they say nothing of it. */
function phaseAfter(events: readonly RecordedEvent[]): PhaseProgress | null | undefined {
  const last = events.findLast(({ type }) => type === "PhaseProgressed" || endsPhase.has(type))
  if (last === undefined) return undefined
  return last.type === "PhaseProgressed" ? phaseProgress.parse(last) : null
}

async function writeMetrics(transaction: Prisma.TransactionClient, runId: string, events: readonly RecordedEvent[]) {
  const steps = new Map(eventsOf(events, "StepFinished").map((event) => [event.step, event]))
  if (steps.size === 0) return
  const rows = [...steps.values()].map(
    (e) => Prisma.sql`(${runId}, ${e.step}, ${e.loss}, ${e.instanceLoss ?? null}, ${e.priorLoss ?? null},
      ${e.learningRate}, ${e.gradNorm}, ${e.secondsPerStep}, ${e.residentBytes})`,
  )
  await transaction.$executeRaw`
    INSERT INTO "RunMetric" ("runId", step, loss, "instanceLoss", "priorLoss",
      "learningRate", "gradNorm", "secondsPerStep", "residentBytes")
    VALUES ${Prisma.join(rows)}
    ON CONFLICT ("runId", step) DO UPDATE SET loss = excluded.loss, "instanceLoss" = excluded."instanceLoss",
      "priorLoss" = excluded."priorLoss", "learningRate" = excluded."learningRate", "gradNorm" = excluded."gradNorm",
      "secondsPerStep" = excluded."secondsPerStep", "residentBytes" = excluded."residentBytes"`
}

export type NumberedEvent = { readonly seq: number; readonly createdAt: Date; readonly event: RecordedEvent }

/** The events after number `after`, at most `limit`, in order. */
export async function readEvents(
  database: DatabaseOrTransaction,
  runId: string,
  after: number,
  limit = 1000,
): Promise<NumberedEvent[]> {
  const rows = await database.runEvent.findMany({
    where: { runId, seq: { gt: after } },
    orderBy: { seq: "asc" },
    take: limit,
  })
  return rows.map(({ seq, createdAt, data }) => ({ seq, createdAt, event: recordedEvent.parse(data) }))
}
