"use client"

/** One panel's query: a place holder of its size while loading, a sentence and a way on when it fails, else the content. */

import type { ReactNode } from "react"
import { Button } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"
import { Skeleton } from "../../ui/Skeleton.tsx"

type QueryStateProps<Data> = {
  query: { data?: Data | undefined; error?: Error | undefined; refetch: () => unknown }
  skeleton?: ReactNode
  children: (data: Data) => ReactNode
}

export function QueryState<Data>({ query, skeleton, children }: QueryStateProps<Data>) {
  if (query.data !== undefined) return children(query.data)
  if (query.error !== undefined)
    return (
      <EmptyState title="This could not be loaded" actions={<Button onClick={() => query.refetch()}>Try again</Button>}>
        {query.error.message}
      </EmptyState>
    )
  return (
    <div aria-busy="true" className="flex flex-col gap-5">
      <span className="sr-only" role="status">
        Loading…
      </span>
      {skeleton ?? <Skeleton className="h-40" />}
    </div>
  )
}
