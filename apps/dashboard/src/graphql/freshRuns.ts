/** The figures of runs that are under way, written into the cache together and at most once a second. */

import type { ApolloCache } from "@apollo/client"
import { type RunProgressFragment, RunProgressFragmentDoc } from "./generated/graphql.ts"

/** With each write every query that shows a run is read anew and compared with what it was, however long its lists. */
const everyMs = 1_000

const waiting = new Map<string, RunProgressFragment>()
let timer: ReturnType<typeof setTimeout> | undefined
let writtenAt = 0

/** The first figures after a pause are written at once; of those that come after, the latest of each run in its second. */
export function freshenRun(cache: ApolloCache, run: RunProgressFragment) {
  waiting.set(run.id, run)
  if (timer !== undefined) return
  timer = setTimeout(
    () => {
      timer = undefined
      writtenAt = Date.now()
      cache.batch({
        update: (batch) => {
          for (const data of waiting.values())
            batch.writeFragment({
              fragment: RunProgressFragmentDoc,
              fragmentName: "RunProgress",
              id: `${data.__typename}:${data.id}`,
              data,
            })
        },
      })
      waiting.clear()
    },
    Math.max(0, writtenAt + everyMs - Date.now()),
  )
}
