/**
 * Trainings of the tiny model under faults, one fault a trial, several trials at once: nothing may be lost, doubled, stuck or
 * left behind.
 */

import { setTimeout as sleep } from "node:timers/promises"
import { networkTo } from "../../apps/worker/src/network.fixture.ts"
import {
  patiently,
  queueTraining,
  resultOf,
  runEnds,
  startTestStudio,
  type TestStudio,
  until,
} from "../../apps/worker/src/testStudio.fixture.ts"
import { readEvents, type S3Options, sweepFiles } from "../../packages/db/src/index.ts"
import { type ChaosWorker, type Fault, faultNames, faults } from "./faults.ts"

/** What the trials of one fault have shown. Everything but the first two has to be 0. */
export type Tally = {
  trials: number
  /** Attempts beyond the first. */
  takenUp: number
  lostEvents: number
  doubledEvents: number
  wrongBytes: number
  /** Runs that did not end, or showed RUNNING without a sign of life for more than 15 s. */
  stuck: number
}

export type Report = {
  readonly byFault: ReadonlyMap<Fault, Tally>
  /** Files without a row, rows without a file. */
  readonly orphans: number
  /** The longest time, in seconds, that a run showed RUNNING without a sign of life. */
  readonly longestSilence: number
  /** One sentence for each thing that went wrong. */
  readonly problems: readonly string[]
}

const options = { maxTrainSteps: 16, checkpointingSteps: 3, checkpointsTotalLimit: 2 }
const allowedSilence = 15

/** Random numbers from a seed (mulberry32), so that a trial can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Looks, twice a second, how long runs show RUNNING without a sign of life. */
function watchSilence({ database }: TestStudio) {
  let longest = 0
  const timer = setInterval(async () => {
    const rows = await database.$queryRaw<{ silence: number | null }[]>`
      SELECT max(extract(epoch FROM now() - "heartbeatAt"))::float8 AS silence FROM "Run" WHERE status = 'RUNNING'`.catch(
      () => [],
    )
    longest = Math.max(longest, rows[0]?.silence ?? 0)
  }, 500)
  return { stop: () => clearInterval(timer), longest: () => longest }
}

/** @returns the events that are missing and those that are there twice, and whether steps that were done again agree. */
async function checkEvents({ database }: TestStudio, id: string) {
  const events = await patiently(() => readEvents(database, id, 0, 100_000))
  const numbers = new Set(events.map(({ seq }) => seq))
  const last = events.at(-1)?.seq ?? 0
  const losses = new Map<number, number>()
  let disagreeing = 0
  let doubled = events.length - numbers.size
  let inAttempt = new Set<string>()
  for (const { event } of events) {
    if (event.type === "StatusChanged") inAttempt = new Set()
    if (event.type !== "StepFinished" && event.type !== "CheckpointSaved" && event.type !== "RunFinished") continue
    const key = `${event.type} ${"step" in event ? event.step : ""}`
    if (inAttempt.has(key)) doubled++
    inAttempt.add(key)
    if (event.type !== "StepFinished") continue
    if ((losses.get(event.step) ?? event.loss) !== event.loss) disagreeing++
    losses.set(event.step, event.loss)
  }
  return { lost: last - numbers.size + (options.maxTrainSteps - losses.size), doubled, disagreeing }
}

/** Everything that no run owns is gone, and everything that a row names is there. */
async function countOrphans({ database, files }: TestStudio): Promise<number> {
  const hashes = new Set<string>()
  for await (const { hash } of files.list()) hashes.add(hash)
  const rows = await database.file.findMany({ select: { hash: true } })
  const missing = rows.filter(({ hash }) => !hashes.has(hash)).length
  await sweepFiles(database, files, -1)
  const left: string[] = []
  for await (const { hash } of files.list()) left.push(hash)
  const known = new Set((await database.file.findMany({ select: { hash: true } })).map(({ hash }) => hash))
  return missing + left.filter((hash) => !known.has(hash)).length
}

export type ChaosSettings = {
  readonly trials: number
  /** No trial is begun after so long, however many are left. */
  readonly minutes?: number
  /** How many trials are under way at a time; most of a trial is waiting for silence. */
  readonly atOnce: number
  readonly seed: number
  readonly workers: number
  readonly s3?: S3Options
  readonly say: (sentence: string) => void
}

/** Worker processes, replaced as they end, each with a way of its own to the database. */
function crew(studio: TestStudio, size: number) {
  const workers = new Map<number, ChaosWorker>()
  const startOne = async () => {
    const network = await networkTo(studio.server.url)
    const process = studio.startWorker(network.url)
    process.once("exit", () => void network.close())
    if (process.pid !== undefined) workers.set(process.pid, { process, network })
  }
  let turn = Promise.resolve()
  const keep = () => {
    turn = turn.then(async () => {
      for (const [pid, { process }] of workers)
        if (process.exitCode !== null || process.signalCode !== null) workers.delete(pid)
      while (workers.size < size) await startOne()
    })
    return turn
  }
  return { workers, keep }
}

type Stage = {
  readonly studio: TestStudio
  readonly crew: ReturnType<typeof crew>
  /** The files of an undisturbed training, by path, as JSON. */
  readonly wanted: string
}

/** One training, disturbed once at a random moment. @returns what went wrong, in sentences */
async function trial(stage: Stage, fault: Fault, random: () => number, tally: Tally): Promise<string[]> {
  const { studio, crew, wanted } = stage
  const { workers } = crew
  const problems: string[] = []
  tally.trials++
  const atStep = Math.floor(random() * options.maxTrainSteps)
  const waitMs = random() * 300
  try {
    const id = await patiently(() => queueTraining(studio, options))
    await until(async () => {
      const run = await studio.database.run.findUniqueOrThrow({ where: { id } })
      return run.status === "RUNNING" && run.step >= atStep ? true : run.status === "SUCCEEDED"
    })
    await sleep(waitMs)
    await faults[fault]({ studio, id, workers })
    await crew.keep()
    const run = await runEnds(studio, id)
    tally.takenUp += run.attempt - 1
    if (run.status !== "SUCCEEDED") problems.push(`the run ended ${run.status}: ${JSON.stringify(run.failure)}`)
    const { lost, doubled, disagreeing } = await checkEvents(studio, id)
    tally.lostEvents += lost
    tally.doubledEvents += doubled
    if (lost + doubled > 0) problems.push(`${lost} events lost, ${doubled} doubled`)
    if (disagreeing > 0 || JSON.stringify(await patiently(() => resultOf(studio, id))) !== wanted) {
      tally.wrongBytes++
      problems.push(`other bytes than undisturbed, ${disagreeing} steps with another loss`)
    }
  } catch (error) {
    tally.stuck++
    problems.push(error instanceof Error ? error.message : String(error))
    await crew.keep()
  }
  return problems.map((problem) => `${problem} (at step ${atStep})`)
}

export async function runChaos(settings: ChaosSettings): Promise<Report> {
  const { trials, minutes = Number.POSITIVE_INFINITY, atOnce, seed, say } = settings
  const lastBegin = performance.now() + minutes * 60_000
  const studio = await startTestStudio(settings.s3)
  const byFault = new Map<Fault, Tally>(faultNames.slice(0, trials).map((fault) => [fault, newTally()]))
  const problems: string[] = []
  try {
    const workers = crew(studio, settings.workers)
    await workers.keep()
    const reference = await queueTraining(studio, options)
    await runEnds(studio, reference)
    const wanted = JSON.stringify(await resultOf(studio, reference))
    const watch = watchSilence(studio)
    let next = 0
    let done = 0
    const lane = async () => {
      while (next < trials && performance.now() < lastBegin) {
        const number = next++
        const fault = faultNames[number % faultNames.length] ?? "child killed"
        const tally = byFault.get(fault) ?? newTally()
        // Random numbers of its own, so that a trial does not depend on how the others went.
        const found = await trial({ studio, crew: workers, wanted }, fault, randomFrom(seed * 1e6 + number), tally)
        const sentences = found.map((problem) => `trial ${number} (${fault}): ${problem}`)
        problems.push(...sentences)
        say([`${++done} of ${trials}: ${fault}`, ...sentences].join("\n  "))
      }
    }
    await Promise.all(Array.from({ length: atOnce }, lane))
    watch.stop()
    if (watch.longest() > allowedSilence)
      problems.push(`a run showed RUNNING for ${watch.longest()} s without a sign of life`)
    await studio.killWorkers()
    const orphans = await countOrphans(studio)
    if (orphans > 0) problems.push(`${orphans} files without a row or rows without a file`)
    return { byFault, orphans, longestSilence: watch.longest(), problems }
  } finally {
    await studio.stop()
  }
}

const newTally = (): Tally => ({ trials: 0, takenUp: 0, lostEvents: 0, doubledEvents: 0, wrongBytes: 0, stuck: 0 })
