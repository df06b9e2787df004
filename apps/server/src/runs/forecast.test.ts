import assert from "node:assert/strict"
import { after, before, it } from "node:test"
import { describeWorker, recordFile, registerWorker } from "@fjord/db"
import { type Caller, startTestServer, type TestServer } from "../testServer.fixture.ts"

let server: TestServer
let owner: { caller: Caller; teamId: string }
let input: object
before(async () => {
  server = await startTestServer()
  owner = await server.member(undefined, "OWNER")
  const { teamId } = owner
  const dataset = await server.database.dataset.create({ data: { teamId, name: "d" } })
  const stored = await server.files.put(Buffer.from("bytes"))
  await recordFile(server.database, server.files, { ...stored, mediaType: "image/png" }, teamId)
  const pixels = { width: 600, height: 600, perceptualHash: "0".repeat(16), sharpness: 100 }
  const data = { datasetId: dataset.id, hash: stored.hash, name: "a.png", ...pixels }
  await server.database.image.create({ data })
  const baseModel = await server.database.baseModel.create({
    data: { teamId, name: "starter", source: "STARTER", location: "starter", revision: "", resolution: 64 },
  })
  input = { teamId, datasetId: dataset.id, baseModelId: baseModel.id }
})
after(() => server.stop())

const forecast = async (options: object) => {
  // The worker gives a sign of life, however slowly this machine asks.
  await server.database.worker.updateMany({ data: { heartbeatAt: new Date() } })
  const query = `query ($input: StartTrainingInput!) { forecast(input: $input) { steps seconds memoryBytes fits diskBytes fitsOnDisk basis problems } }`
  const variables = { input: { ...input, options: { instancePrompt: "a sks toy", method: "lora", ...options } } }
  const { data, errors } = await owner.caller.query(query, variables)
  assert.equal(errors, undefined, JSON.stringify(errors))
  return data.forecast
}

it("before any run time and memory are foretold from the model and the worker's measured speed", async () => {
  const unknown = await forecast({ maxTrainSteps: 100 })
  assert.deepEqual([unknown.seconds, unknown.memoryBytes], [null, null])
  assert.match(unknown.problems.join(), /No worker is alive/)
  const id = await registerWorker(server.database, {
    ...{
      name: "ada",
      host: "h",
      pid: 1,
      version: "0",
      provider: "cpu",
      threads: 2,
      memoryBytes: 8e9,
      device: { cores: 2 },
    },
  })
  const unmeasured = await forecast({ maxTrainSteps: 100 })
  assert.equal(unmeasured.seconds, null, "nobody knows yet how quick it is")
  assert.ok(unmeasured.memoryBytes > 100e6 && unmeasured.fits && unmeasured.diskBytes > 1e6)
  assert.match(unmeasured.basis, /ada is measuring how quick its machine is/)
  const speed = { operationsPerSecond: 50e9, secondsPerSession: 1e-4, parametersPerSecond: 1e8 }
  await describeWorker(server.database, id, speed)
  const { device } = await server.database.worker.findUniqueOrThrow({ where: { id } })
  assert.deepEqual(device, { cores: 2, ...speed })

  const short = await forecast({ maxTrainSteps: 100 })
  assert.match(short.basis, /measured speed of ada/)
  assert.deepEqual([short.steps, short.fits, short.problems], [100, true, []])
  assert.ok(short.seconds > 0 && short.memoryBytes > 100e6)
  const long = await forecast({ maxTrainSteps: 1000 })
  assert.ok(long.seconds > 5 * short.seconds && long.seconds < 20 * short.seconds, `${long.seconds} ${short.seconds}`)
  const full = await forecast({ maxTrainSteps: 100, method: "full" })
  assert.ok(full.seconds > short.seconds && full.memoryBytes > short.memoryBytes)
  // As the form sends them: what suits the model, whose prompts are shorter than Stable Diffusion's.
  const query = `{ baseModels(teamId: "${owner.teamId}", first: 1) { edges { node { settings { lora full } } } } }`
  const { settings } = (await owner.caller.query(query)).data.baseModels.edges[0].node
  for (const [method, suits] of Object.entries(settings)) {
    const suited = await forecast({ ...Object(suits), method })
    assert.ok(suited.seconds > 0 && suited.memoryBytes > 100e6, `${method}: ${suited.basis}`)
  }
  await server.database.worker.update({ where: { id }, data: { memoryBytes: 100_000_000n } })
  const tight = await forecast({ maxTrainSteps: 100 })
  assert.equal(tight.fits, false)
  assert.match(tight.problems.join(), /No worker that is alive has that much memory/)
})

it("the disk that a run takes is foretold: its result and the checkpoints that lie there at a time, twice where the studio's files lie there too", async () => {
  const disk = async (options: object) => (await forecast({ maxTrainSteps: 100, ...options })).diskBytes
  const keeping = (checkpointsTotalLimit: number) => disk({ checkpointingSteps: 10, checkpointsTotalLimit })
  const [one, two, all] = [await keeping(1), await keeping(2), await keeping(1000)]
  const checkpoint = (two - one) / 2
  assert.ok(checkpoint > 0)
  assert.ok(Math.abs(all - (one + 2 * 9 * checkpoint)) < 1, "a run of 100 steps leaves ten checkpoints, one every ten")
  assert.ok((await disk({ rank: 8 })) > (await disk({ rank: 4 })) && (await disk({ method: "full" })) > one)
  const worker = await server.database.worker.findFirstOrThrow()
  for (const [freeDiskBytes, fits, problem] of [
    [one, true, /^$/],
    [one - 1, false, /It takes about [\d.]+ GB of disk, .* keep fewer checkpoints/],
  ] as const) {
    await describeWorker(server.database, worker.id, { freeDiskBytes })
    await server.database.worker.update({ where: { id: worker.id }, data: { memoryBytes: 8_000_000_000n } })
    const judged = await forecast({ maxTrainSteps: 100, checkpointingSteps: 10, checkpointsTotalLimit: 1 })
    assert.equal(judged.fitsOnDisk, fits)
    assert.match(judged.problems.join(), problem)
  }
})

it("a run that has succeeded says how right its forecast was", async () => {
  const create = (status: "SUCCEEDED" | "FAILED") =>
    server.database.run.create({
      data: {
        ...{ teamId: owner.teamId, kind: "TRAINING", name: "r", status, config: { options: { instancePrompt: "x" } } },
        ...{ estimateSeconds: 100, measuredSeconds: 120, estimateBytes: 4_000_000_000n, peakBytes: 3_000_000_000n },
      },
    })
  const query = `query ($id: ID!) { trainingRun(id: $id) { forecastAccuracy {
    estimatedSeconds actualSeconds secondsRatio estimatedBytes actualBytes bytesRatio } } }`
  const accuracy = async (id: string) => (await owner.caller.query(query, { id })).data.trainingRun.forecastAccuracy
  assert.deepEqual(await accuracy((await create("SUCCEEDED")).id), {
    ...{ estimatedSeconds: 100, actualSeconds: 120, secondsRatio: 1.2 },
    ...{ estimatedBytes: 4e9, actualBytes: 3e9, bytesRatio: 0.75 },
  })
  assert.equal(await accuracy((await create("FAILED")).id), null)
})
