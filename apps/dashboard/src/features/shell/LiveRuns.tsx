"use client"

/** Keeps every run of the team fresh in the cache, wherever it is shown, by one subscription. */

import { useApolloClient, useSubscription } from "@apollo/client/react"
import { freshenRun } from "../../graphql/freshRuns.ts"
import { ActiveRunsDocument, TeamRunsDocument } from "../../graphql/generated/graphql.ts"
import { useSession } from "./Session.tsx"

export function LiveRuns() {
  const { team } = useSession()
  const client = useApolloClient()
  useSubscription(TeamRunsDocument, {
    variables: { teamId: team.id },
    ignoreResults: true,
    fetchPolicy: "no-cache",
    onData: ({ data: { data } }) => {
      const run = data?.teamRuns
      if (run === undefined) return
      freshenRun(client.cache, run)
      const known = client.readQuery({ query: ActiveRunsDocument, variables: { teamId: team.id } })
      const active = run.status === "QUEUED" || run.status === "RUNNING"
      const listed = known?.activeRuns.some((one) => one.id === run.id) ?? false
      // A run that came or went changes lists; what else changes is merged into the cache by its id.
      if (active !== listed)
        void client.refetchQueries({ include: "active", onQueryUpdated: (query) => listsRuns(query.queryName) })
    },
  })
  return null
}

/** Lists of runs, and of what runs make. */
const listQueries = new Set(["ActiveRuns", "Runs", "Transfers", "Home", "Palette", "Gallery", "Models", "Datasets"])
const listsRuns = (name: string | undefined): boolean => name !== undefined && listQueries.has(name)
