/** The numbers of a training run's steps, thinned for a chart. */

import type { PrismaClient } from "@fjord/db/prisma"

export type MetricShape = {
  readonly step: number
  readonly loss: number
  readonly instanceLoss: number | null
  readonly priorLoss: number | null
  readonly learningRate: number
  readonly gradNorm: number
  readonly secondsPerStep: number
  readonly residentBytes: number
}

export type MetricRange = {
  readonly maxPoints: number
  /** First and last step wanted; absent means from the first, to the last. */
  readonly from?: number | null | undefined
  readonly to?: number | null | undefined
}

/** Every n-th step and the last of the range: rows as they were measured, no means. */
export async function metricsOf(database: PrismaClient, runId: string, range: MetricRange): Promise<MetricShape[]> {
  const points = Math.max(2, Math.min(range.maxPoints, 5000))
  const from = range.from ?? 0
  const last = await database.runMetric.findFirst({
    where: { runId, step: { gte: from, ...(range.to != null && { lte: range.to }) } },
    orderBy: { step: "desc" },
    select: { step: true },
  })
  if (last === null) return []
  const every = Math.max(1, Math.ceil((last.step - from) / (points - 1)))
  return database.$queryRaw<MetricShape[]>`
    SELECT step, loss, "instanceLoss", "priorLoss", "learningRate", "gradNorm", "secondsPerStep", "residentBytes"
    FROM "RunMetric" WHERE "runId" = ${runId} AND step BETWEEN ${from} AND ${last.step}
      AND (step % ${every} = 0 OR step = ${last.step}) ORDER BY step`
}

export async function bestStep(database: PrismaClient, runId: string): Promise<{ step: number; loss: number } | null> {
  const rows = await database.$queryRaw<{ step: number; loss: number }[]>`
    SELECT step, mean AS loss FROM (
      SELECT step, avg(loss) OVER last AS mean, count(*) OVER last AS counted FROM "RunMetric" WHERE "runId" = ${runId}
      WINDOW last AS (ORDER BY step ROWS 19 PRECEDING)
    ) means WHERE counted = 20 ORDER BY mean, step LIMIT 1`
  return rows[0] ?? null
}
