/** A training run of 100,000 measured steps and 500 samples, written past the API, that goes on when told to. */

import {
  appendEvents,
  type ClaimedRun,
  claimRun,
  type Database,
  type DatabaseOrTransaction,
  openFileStore,
  recordFile,
  registerWorker,
} from "../packages/db/src/index.ts"
import { picture } from "../test/browser/pictures.ts"

const steps = 100_000
const prompts = 5
const sampleEvery = 1_000
/** Different pictures among the samples; each is drawn many times. */
const pictures = 50
const batchMs = 250
const batchSteps = 10

/** A sign of life from the future: however slow the machine, nobody takes the run away while it is watched. */
const staysAlive = (connection: DatabaseOrTransaction, runId: string) =>
  connection.$executeRaw`UPDATE "Run" SET "heartbeatAt" = now() + interval '1 day' WHERE id = ${runId}`

export type LongRun = {
  readonly runId: string
  /** One with the same curve that has ended. */
  readonly endedId: string
  /** Its latest step. */
  readonly step: number
  /** Batches of steps so far. */
  readonly written: number
  goOn(): void
  pause(): void
  end(): Promise<void>
}

const measured = (step: number) => ({
  type: "StepFinished" as const,
  step,
  loss: 0.1 + 0.9 / (1 + step / 5_000) + Math.random() * 0.2,
  instanceLoss: 0.1 + Math.random() * 0.2,
  priorLoss: 0.2 + Math.random() * 0.1,
  gradNorm: 1 + Math.random(),
  learningRate: 1e-4,
  secondsPerStep: 0.025,
  etaSeconds: 1000,
  residentBytes: 2e9,
})

async function storePictures(database: Database, folder: string, teamId: string): Promise<string[]> {
  const files = await openFileStore({ folder })
  const hashes: string[] = []
  for (let i = 0; i < pictures; i++) {
    const stored = await files.put(picture(i, 256))
    await recordFile(database, files, { ...stored, mediaType: "image/png" }, teamId)
    hashes.push(stored.hash)
  }
  return hashes
}

/** @param folder of the server's files */
export async function seedLongRun(database: Database, folder: string): Promise<LongRun> {
  const { id: teamId } = await database.team.findFirstOrThrow()
  const hashes = await storePictures(database, folder, teamId)
  const workerId = await registerWorker(database, {
    name: "bench",
    host: "here",
    pid: 1,
    version: "1",
    provider: "cpu",
    threads: 1,
    memoryBytes: 16e9,
    device: {},
  })
  const validationPrompts = Array.from({ length: prompts }, (_, i) => `a photo of sks toy, scene ${i + 1}`)
  const config = { options: { instancePrompt: "a photo of sks toy", validationPrompts, maxTrainSteps: 10 * steps } }
  await database.run.create({
    data: { teamId, kind: "TRAINING", name: "Long and live", config, totalSteps: 10 * steps },
  })
  const claimed = await claimRun(database, { id: workerId, name: "bench" }, ["TRAINING"])
  if (claimed === null) throw new Error("The run could not be claimed.")
  const { runId } = claimed
  await staysAlive(database, runId)
  await database.$executeRaw`
    INSERT INTO "RunMetric" ("runId", step, loss, "instanceLoss", "priorLoss", "learningRate", "gradNorm", "secondsPerStep", "residentBytes")
    SELECT ${runId}, s, 0.1 + 0.9 / (1 + s / 5000.0) + random() * 0.2, 0.1 + random() * 0.2, 0.2 + random() * 0.1, 1e-4, 1 + random(), 0.025, 2e9
    FROM generate_series(1, ${steps}) s`
  const rows = steps / sampleEvery
  await database.sample.createMany({
    data: Array.from({ length: rows * prompts }, (_, i) => ({
      runId,
      step: Math.floor(i / prompts) * sampleEvery,
      promptIndex: i % prompts,
      prompt: validationPrompts[i % prompts] ?? "",
      seed: 42n,
      hash: hashes[i % pictures] ?? "",
    })),
  })
  await database.run.update({ where: { id: runId }, data: { step: steps, loss: 0.2 } })
  const ended = await database.run.create({
    data: {
      teamId,
      kind: "TRAINING",
      name: "Long and over",
      config,
      totalSteps: steps,
      step: steps,
      status: "SUCCEEDED",
    },
  })
  await database.$executeRaw`
    INSERT INTO "RunMetric" ("runId", step, loss, "instanceLoss", "priorLoss", "learningRate", "gradNorm", "secondsPerStep", "residentBytes")
    SELECT ${ended.id}, step, loss * 1.1, "instanceLoss", "priorLoss", "learningRate", "gradNorm", "secondsPerStep", "residentBytes"
    FROM "RunMetric" WHERE "runId" = ${runId}`
  await database.$executeRawUnsafe("ANALYZE")
  return follow(database, claimed, ended.id, hashes, validationPrompts)
}

function follow(
  database: Database,
  claimed: ClaimedRun,
  endedId: string,
  hashes: readonly string[],
  scenes: readonly string[],
): LongRun {
  const { runId } = claimed
  let step = steps
  let written = 0
  let going: ReturnType<typeof setInterval> | undefined
  let writing: Promise<unknown> = Promise.resolve()

  const write = async () => {
    const events = Array.from({ length: batchSteps }, (_, i) => measured(step + 1 + i))
    step += batchSteps
    written++
    if (step % sampleEvery !== 0)
      return await appendEvents(
        database,
        claimed,
        events,
        async (transaction) => void (await staysAlive(transaction, runId)),
      )
    const sampled = scenes.map((prompt, promptIndex) => ({
      step,
      promptIndex,
      prompt,
      hash: hashes[(step / sampleEvery + promptIndex) % pictures] ?? "",
      id: `s${step}-${promptIndex}`,
    }))
    const rendered = sampled.map(({ id, ...rest }) => ({
      ...rest,
      type: "SampleRendered" as const,
      seed: 42,
      sampleId: id,
    }))
    return await appendEvents(database, claimed, [...events, ...rendered], async (transaction) => {
      await transaction.sample.createMany({ data: sampled.map((sample) => ({ ...sample, runId, seed: 42n })) })
      await staysAlive(transaction, runId)
    })
  }
  return {
    runId,
    endedId,
    get step() {
      return step
    },
    get written() {
      return written
    },
    goOn() {
      // One batch after the other: a busy machine delays them, and never lets them pile up.
      going ??= setInterval(() => {
        writing = writing.then(write)
      }, batchMs)
    },
    pause() {
      clearInterval(going)
      going = undefined
    },
    async end() {
      this.pause()
      await writing
    },
  }
}
