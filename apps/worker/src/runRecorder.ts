/** Writes down what a run's attempt tells, in order, each event once, however often the database goes away. */

import { setTimeout as sleep } from "node:timers/promises"
import type { RecordedEvent } from "@fjord/contracts"
import { appendEvents, type ClaimedRun, type Database, RunLost } from "@fjord/db"

type Also = Parameters<typeof appendEvents>[3]

/** Whoever has heard a later one of these needs no earlier one. */
const overtaking: ReadonlySet<RecordedEvent["type"]> = new Set(["DenoisingStep", "PhaseProgressed"])

/** Events that come many times a second are written together. */
const flushMs = 150
const retryMs = 300

export class RunRecorder {
  private readonly database: Database
  private readonly run: ClaimedRun
  private readonly isLost: () => boolean
  private lastSeq: number
  private pending: RecordedEvent[] = []
  private timer: NodeJS.Timeout | undefined
  private writing: Promise<void> = Promise.resolve()
  private failure: unknown

  /**
   * @param lastSeq number of the run's last event when it was claimed
   * @param isLost whether the run is not this attempt's any more: nothing is tried again then
   */
  constructor(database: Database, run: ClaimedRun, lastSeq: number, isLost: () => boolean) {
    this.database = database
    this.run = run
    this.lastSeq = lastSeq
    this.isLost = isLost
  }

  /** Takes an event that may be written a moment later. Of those in a row that overtake one another, the last stays. */
  later(event: RecordedEvent): void {
    const last = this.pending.at(-1)
    if (event.type === last?.type && overtaking.has(event.type)) this.pending.pop()
    this.pending.push(event)
    this.timer ??= setTimeout(() => void this.flush().catch(() => {}), flushMs)
  }

  /** Writes an event with the rows that belong to it, after all earlier ones. @throws RunLost */
  async now(event: RecordedEvent, also?: Also): Promise<void> {
    this.pending.push(event)
    await this.flush(also)
  }

  /** Writes all that waits. @throws RunLost, and whatever an earlier write in the background threw */
  flush(also?: Also): Promise<void> {
    clearTimeout(this.timer)
    this.timer = undefined
    const events = this.pending
    this.pending = []
    this.writing = this.writing.then(async () => {
      if (this.failure !== undefined) throw this.failure
      if (events.length === 0) return
      try {
        await this.write(events, also)
      } catch (error) {
        this.failure = error
        throw error
      }
    })
    return this.writing
  }

  private async write(events: readonly RecordedEvent[], also: Also): Promise<void> {
    for (;;) {
      try {
        this.lastSeq = await appendEvents(this.database, this.run, events, also, this.lastSeq)
        return
      } catch (error) {
        if (error instanceof RunLost || !isTransient(error)) throw error
        if (this.isLost()) throw new RunLost(this.run.runId, this.run.attempt)
        await sleep(retryMs)
      }
    }
  }
}

/** Codes of Prisma and Postgres for a database that is not there at the moment, or a transaction that has to be repeated. */
const transientCodes =
  /^(P1001|P1002|P1008|P1017|P2024|P2028|P2034|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|25P03|57P0[123]|08\w{3})$/
const transientText =
  /Can't reach database|Connection terminated|Query read timeout|connection|terminating|shutting down|starting up|recovery mode|closed|ECONN/i

/** pg's own words, which reach us bare where a connection ends within a transaction: no name, no code. */
const clientText =
  /^(Client has encountered a connection error|Client was closed|Connection terminated|Query read timeout|timeout exceeded when trying to connect)/

/** Whether the database could not be asked, so that asking again may help. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ("code" in error && typeof error.code === "string" && transientCodes.test(error.code)) return true
  if (error.name.startsWith("PrismaClient") || error.name === "DriverAdapterError")
    return transientText.test(error.message)
  if (clientText.test(error.message)) return true
  return "code" in error && typeof error.code === "string" && error.code.startsWith("ECONN")
}
