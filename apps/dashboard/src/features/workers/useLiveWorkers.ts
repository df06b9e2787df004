"use client"

import { useApolloClient, useSubscription } from "@apollo/client/react"
import { WorkersChangedDocument } from "../../graphql/generated/graphql.ts"

/** Keeps the workers in the cache fresh: those that are known by their ids, and the list when one comes or goes. */
export function useLiveWorkers() {
  const client = useApolloClient()
  useSubscription(WorkersChangedDocument, {
    ignoreResults: true,
    onData: ({ data: { data } }) => {
      if (data === undefined) return
      client.cache.modify({
        fields: {
          workers: (_existing, { toReference }) =>
            data.workersChanged
              .map((worker) => toReference({ __typename: "Worker", id: worker.id }))
              .filter((reference) => reference !== undefined),
        },
      })
    },
  })
}
