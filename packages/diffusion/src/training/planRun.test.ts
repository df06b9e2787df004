import assert from "node:assert/strict"
import { test } from "node:test"
import { operationsOf } from "@fjord/engine"
import { newModelConfigs } from "../models/newModelConfigs.ts"
import { planTraining, planTrainingMemory, sd15Unet } from "./plannedMemory.ts"
import { type PlannedRun, planRun } from "./planRun.ts"

const { unet, vae, textEncoder } = newModelConfigs.sd15
const run: PlannedRun = {
  configs: { unet, vae, textEncoder },
  training: {
    method: "lora",
    use8bitAdam: false,
    trainTextEncoder: false,
    memoryMode: "recompute",
    resolution: 512,
    rows: 1,
    microBatches: 1,
    steps: 100,
  },
  pictures: 5,
  drawn: { images: 0, steps: 30, rows: 2 },
  speed: { operationsPerSecond: 100e9, secondsPerSession: 1e-4, parametersPerSecond: 1e8 },
  memoryBytes: 24e9,
}
const withTraining = (training: Partial<PlannedRun["training"]>) =>
  planRun({ ...run, training: { ...run.training, ...training } })

test("the operations of Stable Diffusion 1.5 are those that are published: 803 billion for a forward pass at 512 pixels", () => {
  const planned = { method: "full", use8bitAdam: false, mode: "save", latentSide: 64 } as const
  const { graph } = planTraining(sd15Unet, planned)
  const operations = graph.tensors.reduce((sum, tensor) => sum + operationsOf(tensor), 0)
  assert.ok(Math.abs(operations / 803e9 - 1) < 0.01, `${operations / 1e9}`)
})

test("a LoRA step on Stable Diffusion 1.5 is foretold within a fifth of the benchmark's, in both memory modes", () => {
  // Seconds times the rate of a large product over the operations of a forward pass; bench/README.md.
  for (const [mode, ratio] of [
    ["recompute", 3.74],
    ["save", 3.14],
  ] as const) {
    const { secondsPerStep } = withTraining({ memoryMode: mode })
    const foretold = (secondsPerStep * 100e9) / 803e9
    assert.ok(Math.abs(foretold / ratio - 1) < 0.2, `${mode}: ${foretold}`)
  }
})

test("time grows with steps, rows, pixels, micro-batches, trained weights and images, and shrinks with the machine's speed", () => {
  const one = planRun(run)
  assert.ok(Math.abs(one.seconds - 100 * one.secondsPerStep) < 60, "five pictures are encoded in less than a minute")
  const more: [string, number][] = [
    ["steps", withTraining({ steps: 200 }).seconds],
    ["rows", withTraining({ rows: 2 }).seconds],
    ["pixels", withTraining({ resolution: 576 }).seconds],
    ["micro-batches", withTraining({ microBatches: 2 }).seconds],
    ["a full run", withTraining({ method: "full" }).seconds],
    ["the text encoder", withTraining({ trainTextEncoder: true }).seconds],
    ["images", planRun({ ...run, drawn: { ...run.drawn, images: 4 } }).seconds],
    ["a slower machine", planRun({ ...run, speed: { ...run.speed, operationsPerSecond: 50e9 } }).seconds],
  ]
  for (const [what, seconds] of more) assert.ok(seconds > one.seconds, `${what}: ${seconds} after ${one.seconds}`)
})

test("memory is that of the estimate before a run, and the quicker mode is taken where it fits in nine tenths", () => {
  const memory = (mode: "recompute" | "save") =>
    planTrainingMemory(sd15Unet, { method: "lora", use8bitAdam: false, mode, latentSide: 64 }).total
  const auto = { ...run, training: { ...run.training, memoryMode: "auto" as const } }
  assert.deepEqual(
    [24e9, memory("save") / 0.91].map((memoryBytes) => {
      const plan = planRun({ ...auto, memoryBytes })
      return [plan.mode, plan.memoryBytes]
    }),
    [
      ["save", Math.round(memory("save"))],
      ["recompute", Math.round(memory("recompute"))],
    ],
  )
})

test("a model with shorter prompts is planned with those, its text encoder learning or not", () => {
  const short = { ...textEncoder, max_position_embeddings: 32 }
  for (const trainTextEncoder of [false, true]) {
    const training = { ...run.training, trainTextEncoder }
    const { seconds } = planRun({ ...run, configs: { unet, vae, textEncoder: short }, training })
    const usual = planRun({ ...run, training }).seconds
    assert.ok(seconds > 0 && seconds < usual, `${seconds} ${usual}`)
  }
})
