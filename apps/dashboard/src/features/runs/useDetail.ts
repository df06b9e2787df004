"use client"

import { useQuery } from "@apollo/client/react"
import { useMemo } from "react"
import { RunRangeDocument } from "../../graphql/generated/graphql.ts"
import { appendMeasured, emptySeries, type MetricSeries, spacing } from "./metricSeries.ts"

/** The steps of a range that `whole` leaves out; undefined where it has them all, and until they have come. */
export function useDetail(
  runId: string | undefined,
  whole: MetricSeries,
  range: readonly [number, number] | undefined,
): MetricSeries | undefined {
  const [from, to] = range === undefined ? [0, 0] : [Math.floor(range[0]), Math.ceil(range[1])]
  const { data } = useQuery(RunRangeDocument, {
    variables: { id: runId ?? "", from, to },
    skip: runId === undefined || range === undefined || spacing(whole.steps) < 1.5,
  })
  const metrics = data?.trainingRun?.metrics
  return useMemo(() => {
    if (metrics === undefined || metrics.length < 2) return undefined
    const detail = emptySeries()
    appendMeasured(detail, metrics)
    return detail
  }, [metrics])
}
