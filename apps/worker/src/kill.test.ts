import assert from "node:assert/strict"
import { after, before, beforeEach, test } from "node:test"
import { generationRunOptions } from "@fjord/contracts"
import { announceRun, readEvents, requestCancel, requestNow, requeueRun } from "@fjord/db"
import { childrenOf } from "../../../test/orphans.ts"
import { networkTo } from "./network.fixture.ts"
import {
  ended,
  queueTraining,
  resultOf,
  runEnds,
  startTestStudio,
  type TestStudio,
  until,
} from "./testStudio.fixture.ts"

let studio: TestStudio
let undisturbed: Record<string, string>
before(async () => {
  studio = await startTestStudio()
  studio.startWorker()
  const id = await queueTraining(studio, long)
  await runEnds(studio, id)
  undisturbed = await resultOf(studio, id)
  assert.ok(Object.keys(undisturbed).length > 0)
})
after(() => studio.stop())
beforeEach(() => studio.killWorkers())

/** Long enough to be killed in the middle. */
const long = { maxTrainSteps: 14, checkpointingSteps: 3 }

const stepReached = (id: string, step: number) =>
  until(async () => ((await studio.database.run.findUniqueOrThrow({ where: { id } })).step >= step ? true : null))

/** Makes the run's worker look silent, so that a test need not wait until it is. */
const forgetHeartbeat = (id: string) =>
  studio.database.$executeRaw`UPDATE "Run" SET "heartbeatAt" = now() - interval '1 minute' WHERE id = ${id}`

async function endsAsIfUndisturbed(id: string) {
  const run = await runEnds(studio, id)
  assert.equal(run.status, "SUCCEEDED", JSON.stringify(run.failure))
  assert.deepEqual(await resultOf(studio, id), undisturbed)
  const events = await readEvents(studio.database, id, 0, 10_000)
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, i) => i + 1),
  )
  const losses = new Map<number, number>()
  for (const { event } of events) {
    if (event.type !== "StepFinished") continue
    assert.equal(losses.get(event.step) ?? event.loss, event.loss, "a step that is done again has the same loss")
    losses.set(event.step, event.loss)
  }
  assert.equal(losses.size, long.maxTrainSteps)
}

test("a worker killed with its child: another ends in the same bytes", async () => {
  const worker = studio.startWorker()
  const id = await queueTraining(studio, long)
  await stepReached(id, 7)
  const children = childrenOf(worker)
  worker.kill("SIGKILL")
  for (const child of children) process.kill(child, "SIGKILL")
  await ended(worker)
  await forgetHeartbeat(id)
  studio.startWorker()
  await endsAsIfUndisturbed(id)
})

test("a worker killed without its child: the child ends too, another worker ends in the same bytes", async () => {
  const worker = studio.startWorker()
  const id = await queueTraining(studio, long)
  await stepReached(id, 5)
  const [child] = childrenOf(worker)
  assert.ok(child)
  worker.kill("SIGKILL")
  await forgetHeartbeat(id)
  studio.startWorker()
  await endsAsIfUndisturbed(id)
  assert.throws(() => process.kill(child, 0), /ESRCH/)
})

test("a child killed alone: the run goes on in the same bytes", async () => {
  const worker = studio.startWorker()
  const id = await queueTraining(studio, long)
  await stepReached(id, 5)
  for (const child of childrenOf(worker)) process.kill(child, "SIGKILL")
  await endsAsIfUndisturbed(id)
  assert.equal((await studio.database.run.findUniqueOrThrow({ where: { id } })).attempt, 2)
})

test("a database that is restarted: nothing is lost or doubled", async () => {
  studio.startWorker()
  const id = await queueTraining(studio, long)
  await stepReached(id, 5)
  await studio.server.restart()
  await stepReached(id, 12)
  await studio.server.restart()
  await endsAsIfUndisturbed(id)
})

test("a worker whose network is cut has stopped computing when another takes its run over, and works again later", async () => {
  const network = await networkTo(studio.server.url)
  try {
    const cut = studio.startWorker(network.url)
    const id = await queueTraining(studio, long)
    await stepReached(id, 5)
    network.cut()
    const other = studio.startWorker()
    await until(async () => (await studio.database.run.findUniqueOrThrow({ where: { id } })).attempt === 2)
    assert.deepEqual(childrenOf(cut), [])
    await endsAsIfUndisturbed(id)
    other.kill("SIGKILL")
    await ended(other)
    network.mend()
    const next = await queueTraining(studio)
    assert.equal((await runEnds(studio, next)).status, "SUCCEEDED")
  } finally {
    await network.close()
  }
})

test("a worker whose connections are silent for good works again over new ones", async () => {
  const network = await networkTo(studio.server.url)
  try {
    studio.startWorker(network.url)
    const id = await queueTraining(studio, long)
    await stepReached(id, 5)
    network.cut()
    await forgetHeartbeat(id)
    network.mendForNew()
    await endsAsIfUndisturbed(id)
  } finally {
    await network.close()
  }
})

test("a worker that is told to end hands its run over within seconds, with all that was computed", async () => {
  const worker = studio.startWorker()
  const id = await queueTraining(studio, long)
  await stepReached(id, 5)
  worker.kill("SIGTERM")
  await ended(worker)
  const run = await studio.database.run.findUniqueOrThrow({ where: { id }, include: { checkpoints: true } })
  assert.equal(run.status, "QUEUED")
  assert.ok(run.checkpoints.some(({ step }) => step === run.step))
  studio.startWorker()
  await endsAsIfUndisturbed(id)
})

test("a cancelled run has stopped computing when it says so, and goes on when it is resumed", async () => {
  const worker = studio.startWorker()
  const id = await queueTraining(studio, long)
  await stepReached(id, 4)
  await requestCancel(studio.database, id)
  assert.equal((await runEnds(studio, id)).status, "CANCELLED")
  assert.deepEqual(childrenOf(worker).length, 0)
  assert.ok(await requeueRun(studio.database, id))
  await endsAsIfUndisturbed(id)
})

test("a checkpoint and samples are made when they are asked for", async () => {
  studio.startWorker()
  const id = await queueTraining(studio, {
    maxTrainSteps: 40,
    checkpointingSteps: 1000,
    validationSteps: 1000,
    validationPrompts: ["a photo of sks toy"],
  })
  await stepReached(id, 3)
  await requestNow(studio.database, id, "save")
  await requestNow(studio.database, id, "sample")
  await until(async () => (await studio.database.checkpoint.count({ where: { runId: id } })) > 0)
  await until(async () => (await studio.database.sample.count({ where: { runId: id, step: { gt: 0 } } })) > 0)
  await requestCancel(studio.database, id)
  await runEnds(studio, id)
})

test("a generation from a checkpoint goes on after a kill with the images that it has, in the same bytes", async () => {
  const checkpoint = await studio.database.checkpoint.findFirstOrThrow({ orderBy: { step: "desc" } })
  const options = generationRunOptions.parse({
    prompt: "a photo of sks toy",
    steps: 6,
    numImages: 4,
    width: 64,
    height: 64,
    scheduler: "ddim",
  })
  const imagesOf = async (disturb: boolean) => {
    const worker = studio.startWorker()
    const run = await studio.database.run.create({
      data: {
        teamId: studio.teamId,
        kind: "GENERATION",
        name: "toy",
        config: JSON.parse(JSON.stringify({ generator: { kind: "checkpoint", id: checkpoint.id }, options })),
      },
    })
    await announceRun(studio.database)
    const images = () =>
      studio.database.generatedImage.findMany({ where: { runId: run.id }, orderBy: { index: "asc" } })
    if (disturb) {
      await until(async () => (await images()).length >= 1)
      worker.kill("SIGKILL")
      await ended(worker)
      await forgetHeartbeat(run.id)
      studio.startWorker()
    }
    const end = await runEnds(studio, run.id)
    assert.equal(end.status, "SUCCEEDED", JSON.stringify(end.failure))
    return (await images()).map(({ index, seed, hash, width }) => ({ index, seed, hash, width }))
  }
  const whole = await imagesOf(false)
  assert.equal(whole.length, 4)
  assert.deepEqual(await imagesOf(true), whole)
})

test("a run that cannot be done fails with what happened, why, and what to do", async () => {
  studio.startWorker()
  const id = await queueTraining(studio)
  await studio.database.run.update({ where: { id }, data: { baseModelId: null } })
  const { status, failure } = await runEnds(studio, id)
  assert.equal(status, "FAILED")
  assert.match(JSON.stringify(failure), /"advice":"[^"]+"/)
})
