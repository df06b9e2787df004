/** Takes run after run, gives signs of life, obeys orders, and hands over what it has when it is to end. */

import { randomUUID } from "node:crypto"
import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import {
  beat,
  type ClaimedRun,
  claimRun,
  clearRequest,
  describeWorker,
  FileSwept,
  fenceSeconds,
  freedSweepSeconds,
  heartbeatSeconds,
  modelFolderSweep,
  notify,
  RunLost,
  registerWorker,
  releaseRun,
  retireWorker,
  sweepFiles,
  sweepFreedFiles,
  topics,
  transitionRun,
  type WorkerInfo,
  watchSilentRuns,
  workerSlots,
} from "@fjord/db"
import { ComputeLost, measureMachine } from "@fjord/diffusion"
import { failureOf } from "./failure.ts"
import { handlers } from "./handlers.ts"
import type { RunRow } from "./job.ts"
import { machine, roomOf } from "./machine.ts"
import { modelsFolder } from "./models.ts"
import { OwnedRun } from "./ownedRun.ts"
import { isTransient, RunRecorder } from "./runRecorder.ts"
import type { Studio } from "./studio.ts"

const idleMs = 5000
/** Forecasts and the dashboard go by the room that there was this long ago. */
const roomMs = 30_000
const fileSweepMs = 6 * 3600 * 1000
const modelSweepMs = 300_000
/** How long a run may take to save a checkpoint when the worker is to end. */
const handOverMs = 20_000

export class Worker {
  private readonly studio: Studio
  private readonly id: string
  private readonly owned = new Map<string, OwnedRun>()
  private readonly ending = new AbortController()
  private readonly timers: NodeJS.Timeout[] = []
  private readonly leaveSilentRuns: () => void
  private loops: Promise<unknown> = Promise.resolve()
  private lastBeat = performance.now()

  private constructor(studio: Studio, id: string) {
    this.studio = studio
    this.id = id
    this.leaveSilentRuns = watchSilentRuns(studio.database, (error) => this.repeats(error))
  }

  /** Signs in and begins to take runs. @throws where the database does not answer. */
  static async start(studio: Studio): Promise<Worker> {
    const info = await machine(studio.environment)
    const worker = new Worker(studio, await registerWorker(studio.database, info))
    worker.every(heartbeatSeconds * 1000, () => worker.beat())
    worker.every(roomMs, async () => describeWorker(studio.database, worker.id, await roomOf(studio.environment)))
    worker.every(freedSweepSeconds * 1000, () => sweepFreedFiles(studio.database, studio.files))
    worker.every(modelSweepMs, modelFolderSweep(studio.database, modelsFolder(studio)))
    worker.every(fileSweepMs, () => sweepFiles(studio.database, studio.files))
    worker.loops = Promise.all(workerSlots.map((kinds) => worker.loop(kinds)))
    studio.log.info({ workerId: worker.id, name: studio.environment.workerName }, "the worker is ready")
    void worker.measure(info)
    // One that is started anew every day would never come to it.
    void sweepFiles(studio.database, studio.files).catch((error: unknown) => worker.repeats(error))
    return worker
  }

  /** Forecasts of runs go by what this machine computes in a second; runs do not wait for it. */
  private async measure({ threads, memoryBytes }: WorkerInfo) {
    const { database, log } = this.studio
    try {
      const { speed, jobs } = await measureMachine(threads, memoryBytes)
      await describeWorker(database, this.id, { ...speed, jobs })
      await notify(database, topics.workers)
    } catch (error) {
      log.warn({ error }, "the machine's speed is not known; forecasts go by earlier runs alone")
    }
  }

  /** Hands its runs over and signs out. A second call ends the computing at once. */
  async stop(): Promise<void> {
    const again = this.ending.signal.aborted
    this.ending.abort()
    const owned = [...this.owned.values()]
    for (const run of owned) {
      run.end("handedOver")
      if (again) run.killWork()
    }
    const late = setTimeout(() => {
      for (const run of owned) run.killWork()
    }, handOverMs)
    await this.loops
    clearTimeout(late)
    for (const timer of this.timers) clearInterval(timer)
    this.leaveSilentRuns()
    await retireWorker(this.studio.database, this.id).catch(() => {})
  }

  /** Repeats a task; what fails is tried again at the next turn, one turn at a time. */
  private every(milliseconds: number, task: () => Promise<unknown>) {
    let busy = false
    const turn = () => {
      if (busy) return
      busy = true
      task()
        .catch((error: unknown) => this.repeats(error))
        .finally(() => {
          busy = false
        })
    }
    this.timers.push(setInterval(turn, milliseconds))
    if (milliseconds === heartbeatSeconds * 1000) this.timers.push(setInterval(() => this.fence(), 1000))
  }

  private repeats(error: unknown) {
    this.studio.log.warn({ error }, "a regular task failed and is repeated")
  }

  private isSilent() {
    return performance.now() - this.lastBeat >= fenceSeconds * 1000
  }

  /** Ends the computing of runs that others may have taken over, because no sign of life got through. */
  private fence() {
    if (!this.isSilent()) return
    for (const owned of this.owned.values()) owned.end("lost")
  }

  private async beat() {
    const began = performance.now()
    const claims = [...this.owned.values()].map(({ claim }) => claim)
    const orders = await beat(this.studio.database, this.id, claims)
    this.lastBeat = began
    for (const claim of claims) {
      const owned = this.owned.get(claim.runId)
      if (owned?.claim !== claim) continue
      const order = orders.get(claim.runId)
      if (order === undefined) {
        // Its own end may have been written between the two looks.
        if (!owned.finished) owned.end("lost")
        continue
      }
      if (order.cancel) owned.end("cancelled")
      for (const wish of ["save", "sample"] as const)
        if (order[wish] && owned.wish(wish)) await clearRequest(this.studio.database, claim, wish)
    }
  }

  private async loop(kinds: readonly RunRow["kind"][]) {
    const { database, notifications, log, environment } = this.studio
    const { signal } = this.ending
    const news = notifications.listen(topics.queue, signal)
    let heard = news.next().then(() => true)
    while (!signal.aborted) {
      // Whoever cannot give signs of life would lose the run again.
      if (this.isSilent()) {
        await sleep(500, undefined, { signal }).catch(() => {})
        continue
      }
      try {
        const claim = await claimRun(database, { id: this.id, name: environment.workerName }, kinds)
        if (claim !== null) {
          await this.take(claim)
          continue
        }
      } catch (error) {
        log.warn({ error }, "no run could be claimed; trying again")
        await sleep(500, undefined, { signal }).catch(() => {})
        continue
      }
      const isNews = await Promise.race([heard, sleep(idleMs, false, { signal }).catch(() => false)])
      if (isNews) heard = news.next().then(() => true)
    }
    await news.return?.()
  }

  private async take(claim: ClaimedRun) {
    const { studio } = this
    const log = studio.log.child({ runId: claim.runId, attempt: claim.attempt })
    const owned = new OwnedRun(claim)
    this.owned.set(claim.runId, owned)
    if (this.ending.signal.aborted) owned.end("handedOver")
    const orders = studio.notifications.listen(topics.orders(claim.runId), owned.over)
    void (async () => {
      for await (const _ of orders) await this.beat().catch(() => {})
    })()
    const scratch = join(studio.scratch, randomUUID())
    try {
      await this.work(claim, owned, scratch, log)
    } finally {
      owned.finish()
      this.owned.delete(claim.runId)
      await rm(scratch, { recursive: true, force: true }).catch((error) =>
        log.warn({ error }, "scratch is left behind"),
      )
    }
  }

  private async work(claim: ClaimedRun, owned: OwnedRun, scratch: string, log: Studio["log"]) {
    const { studio } = this
    const began = performance.now()
    try {
      const run = await this.insist(owned, () => studio.database.run.findUniqueOrThrow({ where: { id: claim.runId } }))
      log.info({ kind: run.kind, name: run.name }, "run taken")
      await mkdir(scratch, { recursive: true })
      const recorder = new RunRecorder(studio.database, claim, run.lastSeq, () => owned.ending === "lost")
      const job = { studio, run, owned, recorder, log, scratch, began }
      await handlers[run.kind](job)
      if (owned.ending === undefined) {
        log.info({ seconds: (performance.now() - began) / 1000 }, "run done")
        return
      }
    } catch (error) {
      if (error instanceof RunLost || owned.ending === "lost") {
        log.warn("the run is not this worker's any more; its work here is dropped")
        return
      }
      if (owned.ending === undefined) return this.fail(claim, owned, error, log)
    }
    if (owned.ending === "lost") return
    const reason = "Its worker was shut down."
    const status = await this.insist(owned, () => releaseRun(studio.database, claim, { reason, died: false }))
    log.info({ status }, owned.ending === "cancelled" ? "run stopped" : "run handed over")
  }

  private async fail(claim: ClaimedRun, owned: OwnedRun, error: unknown, log: Studio["log"]) {
    const { database } = this.studio
    const failure = failureOf(error)
    log.error({ error, failure }, "run failed")
    if (error instanceof ComputeLost || error instanceof FileSwept || isTransient(error)) {
      const lost = error instanceof ComputeLost || error instanceof FileSwept
      const reason = lost ? error.message : "The database or the file store did not answer."
      await this.insist(owned, () => releaseRun(database, claim, { reason, died: true, failure }))
    } else await this.insist(owned, () => transitionRun(database, { ...claim, from: "RUNNING", to: "FAILED", failure }))
  }

  /** Asks the database until it answers, or until the run is lost. */
  private async insist<Answer>(owned: OwnedRun, ask: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        if (!isTransient(error) || owned.ending === "lost") throw error
        await sleep(300)
      }
    }
  }
}
