/** The events of runs, read once per process however many follow them. */

import { topics } from "@fjord/db"
import type { Studio } from "../context.ts"
import { eventsAfter, type RunEventShape } from "./events.ts"

export interface RunFeed {
  /** Rises with every piece of news. */
  readonly generation: number
  /** Ends when the generation is higher than `seen`, when `wake` is called by another reason, or when aborted. */
  changedSince(seen: number, signal: AbortSignal): Promise<void>
  /** The events after a number, as of this generation or later. */
  read(after: number): Promise<readonly RunEventShape[]>
  release(): void
}

/** Events per read: what one message carries at most. */
export const batchSize = 500

class SharedFeed {
  generation = 1
  followers = 0
  private reads = new Map<number, Promise<readonly RunEventShape[]>>()
  private woken = Promise.withResolvers<void>()
  private readonly ending = new AbortController()
  private readonly studio: Studio
  private readonly runId: string

  constructor(studio: Studio, runId: string) {
    this.studio = studio
    this.runId = runId
    void this.listen(studio.notifications.listen(topics.run(runId), this.ending.signal))
  }

  private async listen(news: AsyncIterable<unknown>) {
    for await (const _ of news) {
      this.generation++
      // A read that began before this news may lack what it is about.
      this.reads = new Map()
      const { resolve } = this.woken
      this.woken = Promise.withResolvers()
      resolve()
    }
    this.woken.resolve()
  }

  async changedSince(seen: number, signal: AbortSignal) {
    const aborted = Promise.withResolvers<void>()
    const abort = () => aborted.resolve()
    signal.addEventListener("abort", abort, { once: true })
    while (this.generation === seen && !signal.aborted) await Promise.race([this.woken.promise, aborted.promise])
    signal.removeEventListener("abort", abort)
  }

  read(after: number) {
    const known = this.reads.get(after)
    if (known !== undefined) return known
    const reading = eventsAfter(this.studio.database, this.runId, after, batchSize)
    this.reads.set(after, reading)
    // A failed read must not fail those who come later.
    reading.catch(() => this.reads.delete(after))
    return reading
  }

  end() {
    this.ending.abort()
  }
}

const feeds = new WeakMap<Studio["notifications"], Map<string, SharedFeed>>()

/** @returns the feed of a run, shared with all who follow it in this process; to be released. */
export function feedOf(studio: Studio, runId: string): RunFeed {
  const known = feeds.get(studio.notifications) ?? new Map<string, SharedFeed>()
  feeds.set(studio.notifications, known)
  const feed = known.get(runId) ?? new SharedFeed(studio, runId)
  known.set(runId, feed)
  feed.followers++
  return {
    get generation() {
      return feed.generation
    },
    changedSince: (seen, signal) => feed.changedSince(seen, signal),
    read: (after) => feed.read(after),
    release() {
      feed.followers--
      if (feed.followers > 0) return
      feed.end()
      known.delete(runId)
    },
  }
}
