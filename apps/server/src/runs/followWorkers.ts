/** The workers, and following them. */

import { setTimeout as sleep } from "node:timers/promises"
import { topics } from "@fjord/db"
import type { PrismaClient, Worker } from "@fjord/db/prisma"
import { signedIn } from "../access.ts"
import type { Context } from "../context.ts"
import { workerAlive } from "./alive.ts"
import { endedBy, guardStanding } from "./standing.ts"

const dayMs = 24 * 3600 * 1000

/** Those that are alive, and those that were within the last day. */
export const recentWorkers = (database: PrismaClient, query: object = {}): Promise<Worker[]> =>
  database.worker.findMany({
    ...query,
    where: { heartbeatAt: { gt: new Date(Date.now() - dayMs) } },
    orderBy: { startedAt: "desc" },
    take: 200,
  })

/** Silence is no news, so it is looked for. */
const lookMs = 5000

export function followWorkers(context: Context): AsyncIterable<Worker[]> {
  signedIn(context)
  const ending = new AbortController()
  return endedBy(ending, changes(context, ending))
}

async function* changes(context: Context, ending: AbortController) {
  void guardStanding(context, ending, ({ roles }) => roles.size > 0)
  const news = context.notifications.listen(topics.workers, ending.signal)
  let next = news.next()
  let told = false
  try {
    for (let last = ""; !ending.signal.aborted; ) {
      const workers = await recentWorkers(context.database)
      const state = workers.map((worker) => `${worker.id} ${workerAlive(worker, context)}`).join()
      if (told || state !== last) yield workers
      last = state
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
