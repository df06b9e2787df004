"use client"

/** A training run as it is and as it goes on: the page's queries once, then events from the place where they ended. */

import { InMemoryCache } from "@apollo/client"
import { useApolloClient, useQuery } from "@apollo/client/react"
import { useEffect, useRef, useState } from "react"
import { RunPageDocument, type RunPageQuery, RunPastDocument } from "../../graphql/generated/graphql.ts"
import { paced } from "../../graphql/paced.ts"
import { drawMs, gatherMs, hear, type LiveRun, openLiveRun } from "./liveRun.ts"
import { useRunEvents } from "./useRunEvents.ts"

export type RunPageRun = NonNullable<RunPageQuery["trainingRun"]>

/** After these, what the run has left behind is asked for anew. */
const leavesSomething = new Set(["SampleRendered", "CheckpointSaved", "RunFinished", "StatusChanged", "RunStarted"])
/** A run that says nothing for so long is asked for its heartbeat. */
const silenceMs = 20_000

export function useRunFollow(id: string) {
  const client = useApolloClient()
  const page = useQuery(RunPageDocument, {
    variables: { id },
    fetchPolicy: "network-only",
    nextFetchPolicy: "cache-first",
  })
  // Kept out of the cache: thousands of points would be compared each time that one figure of the run has changed.
  const past = useQuery(RunPastDocument, { variables: { id }, fetchPolicy: "no-cache" })
  const run = page.data?.trainingRun
  const [live, setLive] = useState<LiveRun>()
  const [version, setVersion] = useState(0)
  const heardAt = useRef(Date.now())
  const [drawing] = useState(() => paced(() => setVersion((now) => now + 1), drawMs))
  const gathering = useRef<ReturnType<typeof setTimeout>>(undefined)

  if (past.data?.trainingRun && live === undefined) setLive(openLiveRun(past.data.trainingRun))

  const refresh = () => {
    gathering.current ??= setTimeout(async () => {
      gathering.current = undefined
      await client.query({ query: RunPageDocument, variables: { id }, fetchPolicy: "network-only" })
      // With 500 samples the cache would remember half a megabyte of each earlier answer.
      if (client.cache instanceof InMemoryCache) client.cache.gc({ resetResultCache: true })
    }, gatherMs)
  }

  useRunEvents(id, past.data?.trainingRun?.lastSeq, (events) => {
    heardAt.current = Date.now()
    if (live === undefined) return
    const news = hear(live, events)
    if (news.length > 0) drawing.ask()
    if (news.some((event) => leavesSomething.has(event.type))) refresh()
  })

  const running = run?.status === "RUNNING"
  useEffect(() => {
    if (!running) return
    const watch = setInterval(() => {
      if (Date.now() - heardAt.current < silenceMs) return
      heardAt.current = Date.now()
      void client.query({ query: RunPageDocument, variables: { id }, fetchPolicy: "network-only" })
    }, silenceMs / 4)
    return () => clearInterval(watch)
  }, [running, client, id])
  useEffect(
    () => () => {
      drawing.stop()
      clearTimeout(gathering.current)
    },
    [drawing],
  )

  const query = {
    data: past.data === undefined ? undefined : page.data,
    error: page.error ?? past.error,
    refetch: () => Promise.all([page.refetch(), past.refetch()]),
  }
  return { query, run, live, version, heardAt }
}
