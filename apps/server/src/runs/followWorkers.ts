/** The workers, and following them. */

import { topics } from "@fjord/db"
import type { PrismaClient, Worker } from "@fjord/db/prisma"
import { signedIn } from "../access.ts"
import type { Context } from "../context.ts"
import { followList } from "../followList.ts"
import { workerAlive } from "./alive.ts"

const dayMs = 24 * 3600 * 1000

/** Those that are alive, and those that were within the last day. */
export const recentWorkers = (database: PrismaClient, query: object = {}): Promise<Worker[]> =>
  database.worker.findMany({
    ...query,
    where: { heartbeatAt: { gt: new Date(Date.now() - dayMs) } },
    orderBy: { startedAt: "desc" },
    take: 200,
  })

export function followWorkers(context: Context): AsyncIterable<Worker[]> {
  signedIn(context)
  return followList(context, {
    topic: topics.workers,
    may: ({ roles }) => roles.size > 0,
    read: () => recentWorkers(context.database),
    state: (worker) => workerAlive(worker, context),
  })
}
