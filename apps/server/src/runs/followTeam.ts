/** Following all runs of a team: the id of each that has changed, at most four times a second each. */

import { setTimeout as sleep } from "node:timers/promises"
import { topics } from "@fjord/db"
import { requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { endedBy, guardStanding } from "./standing.ts"

const pauseMs = 250

/** @throws NotFoundError at once, not in the stream. */
export function followTeam(context: Context, teamId: string): AsyncIterable<string> {
  requireRole(context, teamId, "VIEWER")
  const ending = new AbortController()
  return endedBy(ending, changes(context, teamId, ending))
}

async function* changes(context: Context, teamId: string, ending: AbortController) {
  void guardStanding(context, ending, ({ roles }) => roles.has(teamId))
  const changed = new Set<string>()
  let woken = Promise.withResolvers<void>()
  let looked = new Date()
  const listen = async () => {
    for await (const news of context.notifications.listen(topics.teamRuns(teamId), ending.signal)) {
      if (news !== null) changed.add(news)
      // Some news were lost: whatever has changed since the last look may be among them.
      else for (const id of await changedSince(context, teamId, looked)) changed.add(id)
      looked = new Date()
      woken.resolve()
    }
    woken.resolve()
  }
  void listen().catch((error: unknown) => {
    context.log.warn(error)
    ending.abort()
    woken.resolve()
  })
  try {
    while (!ending.signal.aborted) {
      await woken.promise
      woken = Promise.withResolvers()
      if (ending.signal.aborted) return
      const now = [...changed]
      changed.clear()
      // A deleted run is no news that could be resolved.
      const still = await context.database.run.findMany({ where: { id: { in: now }, teamId }, select: { id: true } })
      for (const { id } of still) yield id
      await sleep(pauseMs, undefined, { signal: ending.signal }).catch(() => {})
    }
  } finally {
    ending.abort()
  }
}

async function changedSince(context: Context, teamId: string, moment: Date) {
  const rows = await context.database.run.findMany({
    where: { teamId, updatedAt: { gte: new Date(moment.getTime() - 60_000) } },
    select: { id: true },
    take: 200,
  })
  return rows.map(({ id }) => id)
}
