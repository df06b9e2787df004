"use client"

import type { WorkerFieldsFragment } from "../../graphql/generated/graphql.ts"
import { Notice } from "../../ui/Notice.tsx"
import { useLiveWorkers } from "./useLiveWorkers.ts"

/** Said only when nothing can be computed, and what to do then. */
export function WorkerNotice({ workers }: { workers: readonly Pick<WorkerFieldsFragment, "id" | "alive">[] }) {
  useLiveWorkers()
  if (workers.some((worker) => worker.alive)) return null
  return (
    <Notice tone="warning" title="No worker is running">
      Runs and images wait until one is. <code className="rounded bg-surface/60 px-1">npm start</code> starts one with
      the studio.
    </Notice>
  )
}
