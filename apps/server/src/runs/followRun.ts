/** Following a run: what has happened after a number, then what happens, until it has ended. */

import { topics } from "@fjord/db"
import { owned } from "../access.ts"
import type { Context } from "../context.ts"
import type { RunEventShape } from "./events.ts"
import { batchSize, feedOf } from "./runFeed.ts"
import { endedBy, guardStanding } from "./standing.ts"

export type RunEventBatchShape = {
  readonly runId: string
  readonly events: readonly RunEventShape[]
  /** How many StepFinished events were left out. */
  readonly merged: number
}

/** More steps than this at once are news that have piled up at a slow reader. */
const mostSteps = 50

/** Leaves out steps of a batch evenly, keeping the last; all other events stay. */
export function mergeSteps(events: readonly RunEventShape[]): { events: readonly RunEventShape[]; merged: number } {
  const steps = events.filter(({ type }) => type === "StepFinished")
  if (steps.length <= mostSteps) return { events, merged: 0 }
  const every = Math.ceil(steps.length / mostSteps)
  const kept = new Set(steps.filter((_, i) => (steps.length - 1 - i) % every === 0))
  const left = events.filter((event) => event.type !== "StepFinished" || kept.has(event))
  return { events: left, merged: events.length - left.length }
}

const ended = (events: readonly RunEventShape[]) => {
  const last = events.findLast(({ type }) => type === "StatusChanged")
  const data: unknown = last?.data
  const status = typeof data === "object" && data !== null && "status" in data ? data.status : undefined
  return status === "SUCCEEDED" || status === "FAILED" || status === "CANCELLED"
}

/** @throws NotFoundError and ForbiddenError at once, not in the stream. */
export async function followRun(
  context: Context,
  runId: string,
  after: number,
): Promise<AsyncIterable<RunEventBatchShape>> {
  const { teamId } = await owned(context, "VIEWER", "run", context.database.run.findUnique({ where: { id: runId } }))
  const ending = new AbortController()
  return endedBy(ending, batches(context, runId, teamId, Math.max(0, after), ending))
}

async function* batches(context: Context, runId: string, teamId: string, after: number, ending: AbortController) {
  const feed = feedOf(context, runId)
  const previews = latestPreview(context, runId, ending.signal)
  void guardStanding(context, ending, ({ roles }) => roles.has(teamId))
  let seq = after
  let live = false
  let over = false
  try {
    while (!ending.signal.aborted) {
      const { generation } = feed
      const found = await feed.read(seq)
      if (ending.signal.aborted) return
      if (found.length > 0) {
        seq = found.at(-1)?.seq ?? seq
        over = ended(found)
        // A replay is complete; live, a reader who falls behind gets every n-th step.
        yield { runId, ...(live ? mergeSteps(found) : { events: found, merged: 0 }) }
        if (found.length === batchSize) continue
      }
      if (!live && found.length === 0) over = await hasEnded(context, runId)
      if (over) return
      live = true
      const preview = previews.take()
      if (preview !== undefined) yield { runId, events: [preview], merged: 0 }
      const waiting = new AbortController()
      const stop = () => waiting.abort()
      ending.signal.addEventListener("abort", stop, { once: true })
      if (ending.signal.aborted) return
      previews.onNext(stop)
      await feed.changedSince(generation, waiting.signal)
      ending.signal.removeEventListener("abort", stop)
    }
  } finally {
    ending.abort()
    feed.release()
  }
}

async function hasEnded(context: Context, runId: string) {
  const run = await context.database.run.findUnique({ where: { id: runId }, select: { status: true } })
  return run === null || !["QUEUED", "RUNNING"].includes(run.status)
}

/** Keeps the latest preview only: an older one is of no use to anybody. */
function latestPreview(context: Context, runId: string, signal: AbortSignal) {
  let latest: RunEventShape | undefined
  let wake: (() => void) | undefined
  const listen = async () => {
    for await (const news of context.notifications.listen(topics.preview(runId), signal)) {
      if (news === null || news === "") continue
      latest = { seq: null, type: "Preview", createdAt: new Date(), data: JSON.parse(news) }
      wake?.()
    }
  }
  void listen().catch((error: unknown) => context.log.warn(error))
  return {
    take() {
      const taken = latest
      latest = undefined
      return taken
    },
    onNext(listener: () => void) {
      wake = listener
      if (latest !== undefined) listener()
    },
  }
}
