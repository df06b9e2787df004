/** How silence is timed, and what becomes of the runs of workers that are silent. */

import type { Database } from "./client.ts"
import { notify, topics } from "./notifications.ts"
import { releaseRun } from "./workers.ts"

/** How often a worker gives a sign of life. */
export const heartbeatSeconds = 2
/** A worker that could not give one for this long ends its computing by itself, before the others take the run over. */
export const fenceSeconds = 7
/** A run whose worker has been silent for this long goes back to the queue: five signs of life did not come. */
export const silentSeconds = 10
/** How often every worker and server looks: a silent run is given back within 11 s, which leaves a busy machine 4 s. */
export const sweepSeconds = 1
/** Nothing that is shown says RUNNING for longer than this after the last sign of life, however late the sweep is. */
export const aliveSeconds = 15

/**
 * Takes runs away from workers that are silent.
 * @returns how many
 * @throws what kept the first of them from being taken away; the others are all the same
 */
export async function sweepSilentRuns(database: Database): Promise<number> {
  const silent = await database.$queryRaw<{ id: string; attempt: number }[]>`
    SELECT id, attempt FROM "Run" WHERE status = 'RUNNING'
      AND ("heartbeatAt" IS NULL OR "heartbeatAt" < now() - make_interval(secs => ${silentSeconds}))`
  const options = { reason: "Its worker gave no sign of life.", died: true, silentSeconds }
  const releases = await Promise.allSettled(
    silent.map(({ id, attempt }) => releaseRun(database, { runId: id, attempt }, options)),
  )
  const released = releases.filter((release) => release.status === "fulfilled" && release.value !== null).length
  if (released > 0) await notify(database, topics.workers)
  for (const release of releases) if (release.status === "rejected") throw release.reason
  return released
}

/** Sweeps from now on, one sweep at a time. @param failed is told of sweeps that failed; the next comes all the same. @returns what ends it. */
export function watchSilentRuns(database: Database, failed: (error: unknown) => void): () => void {
  let sweeping = false
  const sweep = () => {
    if (sweeping) return
    sweeping = true
    sweepSilentRuns(database)
      .catch(failed)
      .finally(() => {
        sweeping = false
      })
  }
  const timer = setInterval(sweep, sweepSeconds * 1000)
  return () => clearInterval(timer)
}
