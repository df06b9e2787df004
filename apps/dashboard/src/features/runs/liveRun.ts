/** What a page knows of a run that goes on: its curve and its log, both bounded, up to the last event heard of. */

import type { RunPastQuery } from "../../graphql/generated/graphql.ts"
import { hasLine } from "./logTypes.ts"
import { appendMeasured, asMeasured, emptySeries, type MetricSeries } from "./metricSeries.ts"

type RunPast = NonNullable<RunPastQuery["trainingRun"]>
export type LogEntry = RunPast["log"][number]

export type LiveRun = {
  readonly series: MetricSeries
  log: readonly LogEntry[]
  /** Number of the last event that is in them. */
  heard: number
}

/** Several samples come within a moment; they are fetched together. */
export const gatherMs = 400
/** A curve is drawn anew at most so often: more would show nothing more, and take the time of other things. */
export const drawMs = 1_000

/** A log is read from its end; the API has all of it. */
const mostLines = 2_000

export function openLiveRun({ metrics, log, lastSeq }: RunPast): LiveRun {
  const series = emptySeries()
  appendMeasured(series, metrics)
  return { series, log: log.slice(-mostLines), heard: lastSeq }
}

/** Adds events in place. Those heard before are passed over: a connection that was lost begins again where it first began. */
export function hear(live: LiveRun, events: readonly LogEntry[]): readonly LogEntry[] {
  const news = events.filter(({ seq }) => seq !== null && seq > live.heard)
  const steps = news.filter(({ type }) => type === "StepFinished").map(({ data }) => asMeasured(data))
  appendMeasured(
    live.series,
    steps.filter((step) => step !== undefined),
  )
  const lines = news.filter(({ type }) => hasLine(type))
  if (lines.length > 0) live.log = [...live.log, ...lines].slice(-mostLines)
  live.heard = news.at(-1)?.seq ?? live.heard
  return news
}
