import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { RecordedEvent } from "@fjord/contracts"
import { requestCancel, requeueRun } from "./requestRun.ts"
import { appendEvents, RunLost, readEvents } from "./runEvents.ts"
import { sweepSilentRuns } from "./silentRuns.ts"
import { startTestDatabase, type TestDatabase } from "./testing.ts"
import { transitionRun } from "./transitionRun.ts"
import { beat, claimRun, registerWorker, releaseRun } from "./workers.ts"

let server: TestDatabase
let teamId: string
before(async () => {
  server = await startTestDatabase()
  teamId = (await server.database.team.create({ data: { name: "a" } })).id
})
after(() => server.stop())

const info = {
  name: "w",
  host: "h",
  pid: 1,
  version: "0",
  provider: "cpu",
  threads: 1,
  memoryBytes: 1e9,
  device: { cores: 2 },
}
const newRun = (priority = 0) =>
  server.database.run.create({ data: { teamId, kind: "TRAINING", name: "r", config: {}, priority } })
const newWorker = async () => ({ id: await registerWorker(server.database, info), name: "w" })
const stepFinished = (step: number): RecordedEvent => ({
  type: "StepFinished",
  step,
  loss: 1 / step,
  gradNorm: 1,
  learningRate: 1e-4,
  secondsPerStep: 0.1,
  etaSeconds: 1,
  residentBytes: 5e9,
})

test("of many workers that want one run, one gets it", async () => {
  const run = await newRun()
  const workers = await Promise.all(Array.from({ length: 5 }, newWorker))
  const claims = await Promise.all(workers.map((worker) => claimRun(server.database, worker, ["TRAINING"])))
  assert.deepEqual(
    claims.filter((claim) => claim !== null),
    [{ runId: run.id, attempt: 1 }],
  )
  await transitionRun(server.database, { runId: run.id, from: "RUNNING", to: "SUCCEEDED" })
})

test("the run with the higher priority is taken first", async () => {
  const low = await newRun(0)
  const high = await newRun(5)
  const worker = await newWorker()
  assert.equal((await claimRun(server.database, worker, ["TRAINING"]))?.runId, high.id)
  assert.equal((await claimRun(server.database, worker, ["TRAINING"]))?.runId, low.id)
})

test("events are numbered without gaps, metrics and progress are written with them", async () => {
  const { id } = await newRun()
  const worker = await newWorker()
  const claim = await claimRun(server.database, worker, ["TRAINING"])
  assert.ok(claim)
  await Promise.all(
    [1, 2, 3, 4].map((i) => appendEvents(server.database, claim, [stepFinished(2 * i - 1), stepFinished(2 * i)])),
  )
  const events = await readEvents(server.database, id, 0)
  assert.deepEqual(
    events.map(({ seq }) => seq),
    Array.from({ length: 9 }, (_, i) => i + 1),
  )
  assert.equal(await server.database.runMetric.count({ where: { runId: id } }), 8)
  assert.equal((await server.database.run.findUniqueOrThrow({ where: { id } })).lastSeq, 9)
})

test("a run's row says what is being done until steps are made, a checkpoint is saved or the run ends", async () => {
  const { id } = await newRun()
  const claim = await claimRun(server.database, await newWorker(), ["TRAINING"])
  assert.ok(claim)
  const after = async (...events: RecordedEvent[]) => {
    await appendEvents(server.database, claim, events)
    return (await server.database.run.findUniqueOrThrow({ where: { id } })).phase
  }
  const pictures = (done: number) => ({ type: "PhaseProgressed", phase: "pictures", done, total: 5 }) as const
  assert.deepEqual(await after({ type: "PhaseProgressed", phase: "model" }, pictures(2.5)), {
    phase: "pictures",
    done: 2.5,
    total: 5,
  })
  assert.deepEqual(await after({ type: "RunStarted", steps: 9 }), { phase: "pictures", done: 2.5, total: 5 })
  assert.equal(await after(pictures(5), stepFinished(1)), null)
  assert.deepEqual(await after(stepFinished(2), { type: "PhaseProgressed", phase: "checkpoint" }), {
    phase: "checkpoint",
  })
  assert.equal(await after({ type: "CheckpointSaved", step: 2, checkpointId: "c", byteSize: 1 }), null)
  await after({ type: "PhaseProgressed", phase: "result" })
  await transitionRun(server.database, { runId: id, from: "RUNNING", to: "SUCCEEDED" })
  assert.equal((await server.database.run.findUniqueOrThrow({ where: { id } })).phase, null)
})

test("an attempt that lost its run writes nothing", async () => {
  const { id } = await newRun()
  const worker = await newWorker()
  const first = await claimRun(server.database, worker, ["TRAINING"])
  assert.ok(first)
  await releaseRun(server.database, first, { reason: "moved", died: false })
  const second = await claimRun(server.database, worker, ["TRAINING"])
  assert.equal(second?.attempt, 2)
  await assert.rejects(
    appendEvents(server.database, first, [stepFinished(1)], async (transaction) => {
      await transaction.team.create({ data: { name: "never" } })
    }),
    RunLost,
  )
  assert.equal(await server.database.team.count({ where: { name: "never" } }), 0)
  assert.equal(await server.database.runEvent.count({ where: { runId: id, type: "StepFinished" } }), 0)
  assert.deepEqual([...(await beat(server.database, worker.id, [first])).keys()], [])
  assert.deepEqual([...(await beat(server.database, worker.id, [second])).keys()], [id])
})

test("a silent worker's run goes back to the queue, and is cancelled instead where that was asked for", async () => {
  const { id } = await newRun()
  const worker = await newWorker()
  await claimRun(server.database, worker, ["TRAINING"])
  const silence = () =>
    server.database.$executeRaw`UPDATE "Run" SET "heartbeatAt" = now() - interval '1 minute' WHERE id = ${id}`
  assert.equal(await sweepSilentRuns(server.database), 0)
  await silence()
  assert.equal(await sweepSilentRuns(server.database), 1)
  assert.equal((await server.database.run.findUniqueOrThrow({ where: { id } })).status, "QUEUED")
  await claimRun(server.database, worker, ["TRAINING"])
  await requestCancel(server.database, id)
  assert.equal((await server.database.run.findUniqueOrThrow({ where: { id } })).status, "RUNNING")
  await silence()
  await sweepSilentRuns(server.database)
  assert.equal((await server.database.run.findUniqueOrThrow({ where: { id } })).status, "CANCELLED")
  assert.equal(await requeueRun(server.database, id), true)
  assert.equal((await server.database.run.findUniqueOrThrow({ where: { id } })).status, "QUEUED")
  assert.equal(await requestCancel(server.database, id), true)
  assert.equal((await server.database.run.findUniqueOrThrow({ where: { id } })).status, "CANCELLED")
})

test("a run that kills every worker fails in the end, with advice", async () => {
  const { id } = await newRun()
  const worker = await newWorker()
  for (let i = 0; i < 20; i++) {
    const claim = await claimRun(server.database, worker, ["TRAINING"])
    if (claim === null) break
    await releaseRun(server.database, claim, { reason: "died", died: true })
  }
  const run = await server.database.run.findUniqueOrThrow({ where: { id } })
  assert.equal(run.status, "FAILED")
  assert.match(JSON.stringify(run.failure), /memory/)
})

test("moves that no run makes are refused", async () => {
  await assert.rejects(transitionRun(server.database, { runId: "x", from: "SUCCEEDED", to: "QUEUED" }), RangeError)
})
