import assert from "node:assert/strict"
import { mkdtemp, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { randomFrom } from "../world/random.ts"
import { drawScene, sceneFromSeed } from "../world/scene.ts"
import { answer, judgeFile, loadJudge } from "./judge.ts"
import { judgeLoss, type Truth } from "./losses.ts"
import { embeddingSize, judgeParameters, outputSize } from "./network.ts"
import { trainJudge } from "./train.ts"
import { validateJudge } from "./validate.ts"

test("the slopes of the judge's loss are its differences", () => {
  const random = randomFrom(3, "slopes")
  const truths: Truth[] = [
    { answers: { background: [2], class: [1, 4], colour: [0] }, subject: undefined },
    ...[7, 7, 8, 8].map((subject): Truth => ({ answers: { time: [1] }, subject })),
  ]
  const outputs = Float32Array.from({ length: truths.length * outputSize }, () => random.between(-1, 1))
  const { slopes } = judgeLoss(outputs, truths)
  const step = 1e-2
  for (let i = 0; i < outputs.length; i += 7) {
    const at = (change: number) => judgeLoss(outputs.with(i, (outputs[i] ?? 0) + change), truths).loss
    const difference = (at(step) - at(-step)) / (2 * step)
    assert.ok(Math.abs(difference - (slopes[i] ?? 0)) < 2e-4 + 0.02 * Math.abs(difference), `output ${i}`)
  }
})

test("the judge is small, can be trained, and its file is read back", async () => {
  const count = [...judgeParameters().values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0)
  assert.ok(count < 1_000_000, `${count} parameters`)
  const folder = await mkdtemp(join(tmpdir(), "starter-judge-"))
  try {
    const file = join(folder, "judge.safetensors")
    const plan = { steps: 1, scenes: 4, groups: 1, groupsPerBatch: 2, learningRate: 1e-3, threads: 1, report: () => {} }
    await trainJudge(file, { ...plan, round: 0 })
    await trainJudge(file, { ...plan, round: 1 })
    assert.ok((await stat(file)).size < 2_500_000)
    const judge = await loadJudge(file)
    const { pixels } = await drawScene(sceneFromSeed(1), 96)
    const [judgement] = await judge.judge([{ rgb: pixels, width: 96, height: 96 }])
    assert.equal(judgement?.embedding.length, embeddingSize)
    assert.ok(Math.abs(Math.hypot(...judgement.embedding) - 1) < 1e-3)
    await judge.release()
  } finally {
    await rm(folder, { recursive: true })
  }
})

test("the judge in the repository is right about renderings it has never seen", async () => {
  const judge = await loadJudge(judgeFile)
  try {
    const { accuracy, separation, twinSeparation } = await validateJudge(judge, 60)
    assert.ok(accuracy.background > 0.95 && accuracy.class > 0.85 && accuracy.colour > 0.8, JSON.stringify(accuracy))
    assert.ok(separation > 0.95 && twinSeparation > 0.7, `${separation} ${twinSeparation}`)
    const scene = sceneFromSeed(0, "heldout")
    const { pixels } = await drawScene(scene, 64)
    const [judgement] = await judge.judge([{ rgb: pixels, width: 64, height: 64 }])
    assert.ok(judgement && answer(judgement, "background") === scene.background)
  } finally {
    await judge.release()
  }
})
