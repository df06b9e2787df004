/**
 * News between processes over Postgres' LISTEN and NOTIFY: one connection per process, fanned out by topic. News only
 * say where to look; who missed some because the connection was lost is told to look at everything again.
 */

import pg from "pg"
import { Prisma } from "../generated/prisma/client.ts"

const channel = "fjord"
const reconnectMs = [50, 200, 1000, 2000]

/** `detail` of the news, or null for "look again, some may have been missed". */
export type News = string | null

export interface Notifications {
  /**
   * News of a topic from this call on. News that wait to be read and say the same are one. Ends when `signal` aborts, when
   * the reader leaves its loop, and when the notifications close.
   */
  listen(topic: string, signal?: AbortSignal): AsyncIterableIterator<News>
  close(): Promise<void>
}

/** Topics and what their news say. */
export const topics = {
  /** The rows of a run or its events have changed. */
  run: (runId: string) => `run/${runId}`,
  /** Somebody wants something of the run's worker. */
  orders: (runId: string) => `orders/${runId}`,
  /** The detail is the id of the team's run that has changed. */
  teamRuns: (teamId: string) => `team/${teamId}`,
  /** The detail is a preview as JSON; it is stored nowhere. */
  preview: (runId: string) => `preview/${runId}`,
  /** A backup has come, got on or ended. */
  backups: "backups",
  /** Some worker has come, gone or changed what it does. */
  workers: "workers",
  /** A run waits to be claimed. */
  queue: "queue",
}

/** NOTIFY refuses payloads of 8000 bytes and more. */
export const maxNewsBytes = 7900

type Executor = { $executeRaw(query: TemplateStringsArray, ...values: unknown[]): Promise<number> }

/** Tells all processes; inside a transaction they hear of it when it commits. */
export async function notify(database: Executor, topic: string, detail = ""): Promise<void> {
  await database.$executeRaw`SELECT pg_notify(${channel}, ${`${topic} ${detail}`})`
}

/** The same as an expression of SQL, for a statement that changes something and tells of it; so are topic and detail. */
export const telling = (topic: Prisma.Sql, detail = Prisma.sql`''`): Prisma.Sql =>
  Prisma.sql`pg_notify(${channel}, ${topic} || ' ' || ${detail})::text`

class Listener implements AsyncIterableIterator<News> {
  private readonly waiting = new Set<News>()
  private wake: (() => void) | undefined
  private ended = false
  private readonly leave: (listener: Listener) => void

  constructor(leave: (listener: Listener) => void) {
    this.leave = leave
  }

  tell(news: News) {
    if (news === null) this.waiting.clear()
    this.waiting.add(news)
    this.wake?.()
  }

  end() {
    this.ended = true
    this.leave(this)
    this.wake?.()
  }

  async next(): Promise<IteratorResult<News, undefined>> {
    while (!this.ended) {
      for (const news of this.waiting) {
        this.waiting.delete(news)
        return { done: false, value: news }
      }
      const woken = Promise.withResolvers<void>()
      this.wake = woken.resolve
      await woken.promise
    }
    return { done: true, value: undefined }
  }

  async return(): Promise<IteratorResult<News, undefined>> {
    this.end()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator]() {
    return this
  }
}

/** @throws where the database does not answer now; later losses of the connection are mended. */
export async function openNotifications(url: string): Promise<Notifications> {
  const listeners = new Map<string, Set<Listener>>()
  let closed = false
  let client: pg.Client | undefined
  let retry: NodeJS.Timeout | undefined

  const everyone = () => [...listeners.values()].flatMap((set) => [...set])
  const connect = async () => {
    const next = new pg.Client({ connectionString: url, keepAlive: true, connectionTimeoutMillis: 5000 })
    next.on("error", () => {})
    next.on("end", () => {
      if (client === next) reconnect(0)
    })
    next.on("notification", ({ payload = "" }) => {
      const space = payload.indexOf(" ")
      for (const listener of listeners.get(payload.slice(0, space)) ?? []) listener.tell(payload.slice(space + 1))
    })
    await next.connect()
    await next.query(`LISTEN ${channel}`)
    client = next
  }
  const reconnect = (attempt: number) => {
    if (closed) return
    client = undefined
    retry = setTimeout(
      () =>
        connect().then(
          () => {
            if (closed) void client?.end().catch(() => {})
            for (const listener of everyone()) listener.tell(null)
          },
          () => reconnect(attempt + 1),
        ),
      reconnectMs[Math.min(attempt, reconnectMs.length - 1)],
    )
  }
  await connect()
  // A connection that died without a word, e.g. of a cut network, is found out by asking.
  const pulse = setInterval(() => {
    const asked = client
    if (asked === undefined) return
    const late = setTimeout(() => void asked.end().catch(() => {}), 5000)
    asked.query("SELECT 1").then(
      () => clearTimeout(late),
      () => clearTimeout(late),
    )
  }, 10_000)
  pulse.unref()

  return {
    listen(topic, signal) {
      const listener = new Listener((left) => {
        const set = listeners.get(topic)
        set?.delete(left)
        if (set?.size === 0) listeners.delete(topic)
      })
      const set = listeners.get(topic) ?? new Set()
      listeners.set(topic, set.add(listener))
      if (closed || signal?.aborted) listener.end()
      signal?.addEventListener("abort", () => listener.end(), { once: true })
      return listener
    },
    async close() {
      closed = true
      clearTimeout(retry)
      clearInterval(pulse)
      for (const listener of everyone()) listener.end()
      await client?.end().catch(() => {})
    },
  }
}
