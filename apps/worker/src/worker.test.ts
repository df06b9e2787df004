import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { readEvents } from "@fjord/db"
import { queueTraining, resultOf, runEnds, startTestStudio, type TestStudio } from "./testStudio.fixture.ts"

let studio: TestStudio
before(async () => {
  studio = await startTestStudio()
})
after(() => studio.stop())

test("a training leaves its events, metrics, samples, checkpoints and a model", async () => {
  studio.startWorker()
  const id = await queueTraining(studio, {
    validationPrompts: ["a photo of sks toy"],
    validationSteps: 4,
    checkpointsTotalLimit: 2,
  })
  const run = await runEnds(studio, id)
  assert.equal(run.status, "SUCCEEDED", JSON.stringify(run.failure))
  const events = await readEvents(studio.database, id, 0)
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, i) => i + 1),
  )
  assert.equal(await studio.database.runMetric.count({ where: { runId: id } }), 8)
  assert.equal(await studio.database.sample.count({ where: { runId: id } }), 3)
  const checkpoints = await studio.database.checkpoint.findMany({ where: { runId: id }, orderBy: { step: "asc" } })
  assert.deepEqual(
    checkpoints.map(({ step }) => step),
    [6, 8],
  )
  assert.ok("pytorch_lora_weights.safetensors" in (await resultOf(studio, id)))
})
