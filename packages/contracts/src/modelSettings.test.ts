import assert from "node:assert/strict"
import { test } from "node:test"
import { parseModelSettings } from "./modelSettings.ts"

test("a model's settings hold what its file says, and no default beside it", () => {
  const { training, generation } = parseModelSettings({
    training: { full: { learningRate: 2e-4, trainTextEncoder: true } },
    generation: { guidanceScale: 4 },
  })
  assert.deepEqual(training, { lora: {}, full: { learningRate: 2e-4, trainTextEncoder: true } })
  assert.deepEqual(generation, { guidanceScale: 4 })
})

test("an unknown option, a value out of range and a folder are refused", () => {
  for (const [settings, message] of [
    [{ training: { lora: { learningRte: 1 } } }, /learningRte/],
    [{ training: { full: { learningRate: 2 } } }, /learningRate/],
    [{ training: { full: { output: "/elsewhere" } } }, /output/],
    [{ generation: { prompt: "a boat" } }, /prompt/],
    [{ colour: "red" }, /colour/],
    ["red", /expected object/],
  ] as const)
    assert.throws(() => parseModelSettings(settings), message)
})
