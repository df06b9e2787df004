/**
 * Whether somebody works at a run is a fact, however late the sweep is that gives a dead worker's run to another: nothing
 * here shows RUNNING 15 seconds after the last sign of life.
 */

import { aliveSeconds } from "@fjord/db"
import type { Prisma, RunStatus } from "@fjord/db/prisma"
import type { Studio } from "../context.ts"

const aliveMs = aliveSeconds * 1000

type Clock = Pick<Studio, "databaseNow">

const fresh = (heartbeatAt: Date | null, { databaseNow }: Clock) =>
  heartbeatAt !== null && databaseNow() - heartbeatAt.getTime() < aliveMs

type RunFacts = { readonly status: RunStatus; readonly heartbeatAt: Date | null }

export const isAlive = ({ status, heartbeatAt }: RunFacts, clock: Clock) =>
  status === "RUNNING" && fresh(heartbeatAt, clock)

/** A run whose worker is gone waits for the next one: it is queued, whatever its row still says. */
export const shownStatus = (run: RunFacts, clock: Clock): RunStatus =>
  run.status === "RUNNING" && !isAlive(run, clock) ? "QUEUED" : run.status

/** Finds the runs that are shown with this status. */
export function whereStatus(status: RunStatus | null | undefined, { databaseNow }: Clock): Prisma.RunWhereInput {
  const since = new Date(databaseNow() - aliveMs)
  if (status === "RUNNING") return { status, heartbeatAt: { gt: since } }
  if (status !== "QUEUED") return status == null ? {} : { status }
  const silent = { OR: [{ heartbeatAt: null }, { heartbeatAt: { lte: since } }] }
  return { OR: [{ status }, { status: "RUNNING", ...silent }] }
}

export const workerAlive = (worker: { stoppedAt: Date | null; heartbeatAt: Date }, clock: Clock) =>
  worker.stoppedAt === null && fresh(worker.heartbeatAt, clock)
