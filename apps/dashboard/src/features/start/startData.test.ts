import assert from "node:assert/strict"
import { test } from "node:test"
import { defaultsOf, type StartData, suiting, withDefaults } from "./startData.ts"

const option = (name: string, value: unknown) => ({ name, default: value })
const node = { id: "small", settings: { lora: { rank: 16 }, full: { learningRate: 2e-4 }, generation: {} } }
const data = {
  trainingOptions: [option("method", "lora"), option("rank", 8), option("learningRate", null)],
  baseModels: { edges: [{ node }] },
} as unknown as StartData

test("what suits a base model follows the method, and is nothing for a model that says nothing", () => {
  const of = (baseModelId: string, options: object) => suiting(data, { baseModelId, options: { ...options } })
  assert.deepEqual(of("small", {}), { rank: 16 })
  assert.deepEqual(of("small", { method: "full" }), { learningRate: 2e-4 })
  assert.deepEqual(of("other", {}), {})
})

test("what suits the model is shown as the default", () => {
  const trainingOptions = withDefaults(data.trainingOptions, { rank: 16 })
  assert.deepEqual(defaultsOf({ ...data, trainingOptions }), { method: "lora", rank: 16, learningRate: null })
})
