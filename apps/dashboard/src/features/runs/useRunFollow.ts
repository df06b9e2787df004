"use client"

/** A training run as it is and as it goes on: the page's query once, then events from the place where it ended. */

import { useApolloClient, useQuery, useSubscription } from "@apollo/client/react"
import { useEffect, useRef, useState } from "react"
import {
  RunEventsDocument,
  RunFreshDocument,
  RunPageDocument,
  type RunPageQuery,
} from "../../graphql/generated/graphql.ts"
import { logLines } from "./logLine.ts"
import { appendMeasured, asMeasured, emptySeries, type MetricSeries } from "./metricSeries.ts"

export type RunPageRun = NonNullable<RunPageQuery["trainingRun"]>
export type LogEntry = RunPageRun["log"][number]

/** After these, what the run has left behind is asked for anew. */
const leavesSomething = new Set(["SampleRendered", "CheckpointSaved", "RunFinished", "StatusChanged", "RunStarted"])
/** Several samples come within a moment; they are fetched together. */
const gatherMs = 400
/** A run that says nothing for so long is asked for its heartbeat. */
const silenceMs = 20_000

export function useRunFollow(id: string) {
  const client = useApolloClient()
  const query = useQuery(RunPageDocument, {
    variables: { id },
    fetchPolicy: "network-only",
    nextFetchPolicy: "cache-first",
  })
  const run = query.data?.trainingRun
  const series = useRef<MetricSeries>(undefined)
  const [version, setVersion] = useState(0)
  const [log, setLog] = useState<readonly LogEntry[]>([])
  const [after, setAfter] = useState<number>()
  const heardAt = useRef(Date.now())
  const gathering = useRef<ReturnType<typeof setTimeout>>(undefined)

  const metrics = run?.metrics
  useEffect(() => {
    if (metrics === undefined) return
    const filled = emptySeries()
    appendMeasured(filled, metrics)
    series.current = filled
    setVersion((now) => now + 1)
  }, [metrics])
  if (run && after === undefined) {
    setAfter(run.lastSeq)
    setLog(run.log)
  }

  const refresh = () => {
    gathering.current ??= setTimeout(() => {
      gathering.current = undefined
      void client.query({ query: RunFreshDocument, variables: { id }, fetchPolicy: "network-only" })
    }, gatherMs)
  }

  useSubscription(RunEventsDocument, {
    variables: { runId: id, after: after ?? 0 },
    skip: after === undefined,
    ignoreResults: true,
    onData: ({ data: { data } }) => {
      const batch = data?.runEvents
      if (batch === undefined) return
      heardAt.current = Date.now()
      const steps = batch.events.filter((event) => event.type === "StepFinished").map((event) => asMeasured(event.data))
      if (series.current !== undefined && steps.length > 0) {
        appendMeasured(
          series.current,
          steps.filter((step) => step !== undefined),
        )
        setVersion((now) => now + 1)
      }
      const lines = batch.events.filter((event) => event.type in logLines)
      if (lines.length > 0) setLog((now) => [...now, ...lines].slice(-2_000))
      if (batch.events.some((event) => leavesSomething.has(event.type))) refresh()
    },
  })

  const running = run?.status === "RUNNING"
  useEffect(() => {
    if (!running) return
    const watch = setInterval(() => {
      if (Date.now() - heardAt.current < silenceMs) return
      heardAt.current = Date.now()
      void client.query({ query: RunFreshDocument, variables: { id }, fetchPolicy: "network-only" })
    }, silenceMs / 4)
    return () => clearInterval(watch)
  }, [running, client, id])
  useEffect(() => () => clearTimeout(gathering.current), [])

  return { query, run, series: series.current, version, log, heardAt }
}
