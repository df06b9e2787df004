/** The figures of runs that are under way, written into the cache together and at most once a second. */

import type { ApolloCache } from "@apollo/client"
import {
  type RunLiveFragment,
  RunLiveFragmentDoc,
  type RunProgressFragment,
  RunProgressFragmentDoc,
} from "./generated/graphql.ts"
import { paced } from "./paced.ts"

/** With each write every query that shows a run is read anew and compared with what it was, however long its lists. */
const everyMs = 1_000

/** Lists are told of progress alone, whoever follows one run of its phase too. */
type Fresh = RunProgressFragment | RunLiveFragment

const waiting = new Map<string, Fresh>()
let target: ApolloCache | undefined

const writing = paced(() => {
  target?.batch({
    update: (batch) => {
      for (const data of waiting.values())
        batch.writeFragment({
          ...("phase" in data
            ? { fragment: RunLiveFragmentDoc, fragmentName: "RunLive" }
            : { fragment: RunProgressFragmentDoc, fragmentName: "RunProgress" }),
          id: `${data.__typename}:${data.id}`,
          data,
        })
    },
  })
  waiting.clear()
}, everyMs)

/** The first figures after a pause are written at once; of those that come after, the latest of each run in its second. */
export function freshenRun(cache: ApolloCache, run: Fresh) {
  target = cache
  waiting.set(run.id, { ...waiting.get(run.id), ...run })
  writing.ask()
}
