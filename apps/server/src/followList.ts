/** Following a short list. Its rows change with news, and also by falling silent, which is no news and is looked for. */

import { setTimeout as sleep } from "node:timers/promises"
import type { Viewer } from "./access.ts"
import type { Context } from "./context.ts"
import { endedBy, guardStanding } from "./runs/standing.ts"

const lookMs = 5000

type Followed<Row> = {
  readonly topic: string
  /** Whether somebody who follows it may go on. */
  readonly may: (viewer: Viewer) => boolean
  readonly read: () => Promise<Row[]>
  /** What of a row changes without news, as time passes. */
  readonly state: (row: Row) => string | boolean
}

/** @returns the list as it is, then the whole list again whenever it changes. */
export function followList<Row extends { readonly id: string }>(
  context: Context,
  followed: Followed<Row>,
): AsyncIterable<Row[]> {
  const ending = new AbortController()
  return endedBy(ending, changes(context, followed, ending))
}

async function* changes<Row extends { readonly id: string }>(
  context: Context,
  { topic, may, read, state }: Followed<Row>,
  ending: AbortController,
) {
  void guardStanding(context, ending, may)
  const news = context.notifications.listen(topic, ending.signal)
  let next = news.next()
  let told = false
  try {
    for (let last: string | undefined; !ending.signal.aborted; ) {
      const rows = await read()
      const states = rows.map((row) => `${row.id} ${state(row)}`).join()
      if (told || states !== last) yield rows
      last = states
      const slept = new AbortController()
      told = await Promise.race([
        next.then(() => true),
        sleep(lookMs, false, { signal: AbortSignal.any([ending.signal, slept.signal]) }).catch(() => false),
      ])
      slept.abort()
      if (told) next = news.next()
    }
  } finally {
    ending.abort()
  }
}
