"use client"

import { useApolloClient } from "@apollo/client/react"
import { useEffect, useState } from "react"
import { CompareRunsDocument, type CompareRunsQuery } from "../../graphql/generated/graphql.ts"

export type ComparedRun = NonNullable<CompareRunsQuery["trainingRun"]>

/** Several runs by their ids; undefined while one is still missing. A run that is gone is left out. */
export function useComparedRuns(ids: readonly string[]): readonly ComparedRun[] | undefined {
  const client = useApolloClient()
  const [runs, setRuns] = useState<readonly ComparedRun[]>()
  const key = ids.join()
  useEffect(() => {
    let wanted = true
    const asked = key.split(",").map((id) => client.query({ query: CompareRunsDocument, variables: { id } }))
    void Promise.all(asked).then((answers) => {
      if (wanted)
        setRuns(answers.map(({ data }) => data?.trainingRun).filter((run) => run !== null && run !== undefined))
    })
    return () => {
      wanted = false
    }
  }, [client, key])
  return runs
}
