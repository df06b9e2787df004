"use client"

/** Why a queued run has not begun, kept fresh: loaded only where one waits. */

import { useQuery, useSubscription } from "@apollo/client/react"
import { RunWaitingDocument, WorkersChangedDocument } from "../../graphql/generated/graphql.ts"
import { waitingText } from "./waitingText.ts"

function useWaiting(id: string): ReturnType<typeof waitingText> {
  const { data, refetch } = useQuery(RunWaitingDocument, { variables: { id }, fetchPolicy: "no-cache" })
  // A place in the queue changes when a worker comes, goes or takes something up.
  useSubscription(WorkersChangedDocument, { ignoreResults: true, onData: () => void refetch() })
  const waiting = data?.run?.waiting
  return waiting ? waitingText(waiting) : { why: "Waiting", next: "It begins by itself." }
}

/** As an answer of the run page. */
export function WaitingAnswer({ id }: { id: string }) {
  const { why, next } = useWaiting(id)
  return (
    <>
      <b className="text-base leading-6">{why}</b>
      <p className="text-muted text-xs leading-5">{next}</p>
    </>
  )
}

/** In one line. */
export function WaitingLine({ id }: { id: string }) {
  const { why, next } = useWaiting(id)
  return `${why}. ${next}`
}
