"use client"

import { useQuery, useSubscription } from "@apollo/client/react"
import { RunWaitingDocument, WorkersChangedDocument } from "../../graphql/generated/graphql.ts"
import { waitingText } from "./waitingText.ts"

/** Why a queued run has not begun, kept fresh; undefined until that is known, and for a run that is not queued. */
export function useWaiting(id: string, queued: boolean): ReturnType<typeof waitingText> | undefined {
  const { data, refetch } = useQuery(RunWaitingDocument, { variables: { id }, skip: !queued, fetchPolicy: "no-cache" })
  // A place in the queue changes when a worker comes, goes or takes something up.
  useSubscription(WorkersChangedDocument, { skip: !queued, ignoreResults: true, onData: () => void refetch() })
  const waiting = queued ? data?.run?.waiting : undefined
  return waiting ? waitingText(waiting) : undefined
}
