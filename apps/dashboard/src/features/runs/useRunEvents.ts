"use client"

import { useApolloClient, useSubscription } from "@apollo/client/react"
import { freshenRun } from "../../graphql/freshRuns.ts"
import { RunEventsDocument, type RunEventsSubscription } from "../../graphql/generated/graphql.ts"

type RunEvents = RunEventsSubscription["runEvents"]["events"]

/**
 * The events of a run as they come, past the cache: it would keep a copy of each. Only the run's own figures go into it.
 * @param after the number of the last event that is known; undefined until that is clear.
 */
export function useRunEvents(runId: string, after: number | undefined, onEvents: (events: RunEvents) => void) {
  const { cache } = useApolloClient()
  useSubscription(RunEventsDocument, {
    variables: { runId, after: after ?? 0 },
    skip: after === undefined,
    ignoreResults: true,
    fetchPolicy: "no-cache",
    onData: ({ data: { data } }) => {
      if (data === undefined) return
      freshenRun(cache, data.runEvents.run)
      onEvents(data.runEvents.events)
    },
  })
}
