import assert from "node:assert/strict"
import { test } from "node:test"
import { type Draft, emptyDraft, withOption } from "./draft.ts"
import { defaultsOf, optionsFor, type StartData, suiting, withDefaults } from "./startData.ts"

const option = (name: string, value: unknown, absent: string | null = null) => ({
  name,
  default: value,
  absent,
  description: `About ${name}.`,
})
const node = { id: "small", name: "Small", settings: { lora: { rank: 16 }, full: { learningRate: 2e-4 } } }
const data = {
  trainingOptions: [
    option("method", "lora"),
    option("rank", 8),
    option("maxTrainSteps", null, "800 for a full run and 500 for a LoRA"),
    option("learningRate", null, "1e-4 for a LoRA"),
    option("textEncoderLearningRate", null, "5e-6, or learning_rate where that is lower"),
    option("loraAlpha", null, "equal to rank"),
    option("snrGamma", null, "off"),
  ],
  baseModels: { edges: [{ node }] },
} as unknown as StartData
const draft: Draft = { ...emptyDraft, baseModelId: "small" }
const shown = (name: string, of = draft) => optionsFor(data, of).find((one) => one.name === name)

test("what suits a base model follows the method, and is nothing for a model that says nothing", () => {
  const of = (baseModelId: string, options: object) => suiting(data, { baseModelId, options: { ...options } })
  assert.deepEqual(of("small", {}), { rank: 16 })
  assert.deepEqual(of("small", { method: "full" }), { learningRate: 2e-4 })
  assert.deepEqual(of("other", {}), {})
})

test("what suits the model is shown as the default", () => {
  const trainingOptions = withDefaults(data.trainingOptions, { rank: 16 })
  assert.equal(defaultsOf({ trainingOptions }).rank, 16)
})

test("a hint says the value that will be used, and why where it is the model's", () => {
  assert.equal(shown("rank")?.description, "About rank. Default: 16, as suits Small.")
  assert.equal(shown("maxTrainSteps")?.description, "About maxTrainSteps. Default: 500.")
  assert.equal(shown("snrGamma")?.description, "About snrGamma. Default: off.")
  const full = withOption(draft, "method", "full")
  assert.equal(shown("maxTrainSteps", full)?.default, 800)
  assert.equal(shown("learningRate", full)?.description, "About learningRate. Default: 2e-4, as suits Small.")
})

test("a default that follows another option follows it while it is typed", () => {
  assert.equal(shown("loraAlpha")?.default, 16)
  assert.equal(shown("loraAlpha", withOption(draft, "rank", 4))?.default, 4)
  assert.equal(shown("textEncoderLearningRate", withOption(draft, "learningRate", 1e-6))?.default, 1e-6)
})
