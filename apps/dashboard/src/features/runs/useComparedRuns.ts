"use client"

/** Several runs by their ids, those that are still going followed live. */

import { useApolloClient } from "@apollo/client/react"
import { useCallback, useEffect, useState } from "react"
import { CompareRunsDocument, type CompareRunsQuery, RunEventsDocument } from "../../graphql/generated/graphql.ts"
import { paced } from "../../graphql/paced.ts"
import { drawMs, gatherMs } from "./liveRun.ts"
import { asMeasured, continued, type Measured } from "./metricSeries.ts"

export type ComparedRun = Omit<NonNullable<CompareRunsQuery["trainingRun"]>, "metrics"> & {
  metrics: readonly Measured[]
}

type Compared = {
  /** undefined while one is still missing. A run that is gone is left out. */
  runs: readonly ComparedRun[] | undefined
  error: Error | undefined
  retry: () => void
}

const leavesSamples = new Set(["SampleRendered", "StatusChanged"])

export function useComparedRuns(ids: readonly string[]): Compared {
  const client = useApolloClient()
  const [runs, setRuns] = useState<ReadonlyMap<string, ComparedRun | null>>(new Map())
  const [error, setError] = useState<Error>()
  const [tries, setTries] = useState(0)
  const key = ids.join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another try asks again.
  useEffect(() => {
    const ending = new AbortController()
    const { signal } = ending
    const put = (id: string, run: ComparedRun | null) => {
      if (!signal.aborted) setRuns((now) => new Map(now).set(id, run))
    }
    const ask = async (id: string) => {
      const { data } = await client.query({
        query: CompareRunsDocument,
        variables: { id },
        fetchPolicy: "network-only",
      })
      const run = data?.trainingRun ?? null
      put(id, run)
      return run
    }
    const follow = async (id: string) => {
      const run = await ask(id)
      if (signal.aborted || run === null || (run.status !== "RUNNING" && run.status !== "QUEUED")) return
      const asking = paced(() => void ask(id), gatherMs)
      let news: Measured[] = []
      const drawing = paced(() => {
        const measured = news
        news = []
        setRuns((now) => {
          const known = now.get(id)
          return known ? new Map(now).set(id, { ...known, metrics: continued(known.metrics, measured) }) : now
        })
      }, drawMs)
      const live = client
        .subscribe({
          query: RunEventsDocument,
          variables: { runId: id, after: run.lastSeq },
          // It would keep a copy of each.
          fetchPolicy: "no-cache",
        })
        .subscribe(({ data }) => {
          const events = data?.runEvents.events ?? []
          if (events.some(({ type }) => leavesSamples.has(type))) asking.ask()
          const measured = events
            .filter(({ type }) => type === "StepFinished")
            .map((event) => asMeasured(event.data))
            .filter((one) => one !== undefined)
          if (measured.length === 0) return
          news = [...news, ...measured]
          drawing.ask()
        })
      signal.addEventListener("abort", () => {
        live.unsubscribe()
        asking.stop()
        drawing.stop()
      })
    }
    setError(undefined)
    for (const id of key === "" ? [] : key.split(","))
      follow(id).catch((reason: unknown) => {
        if (!signal.aborted) setError(reason instanceof Error ? reason : new Error(String(reason)))
      })
    return () => ending.abort()
  }, [client, key, tries])
  const known = ids.map((id) => runs.get(id))
  return {
    runs: known.includes(undefined) ? undefined : known.filter((run) => run !== null && run !== undefined),
    error,
    retry: useCallback(() => setTries((now) => now + 1), []),
  }
}
