import assert from "node:assert/strict"
import { it } from "node:test"
import { differencesFromDefaults, trainingOptionDescriptions } from "./options.ts"
import { optionsOf } from "./runs/config.ts"

const complete = (options: object) => optionsOf({ options: { instancePrompt: "a photo of sks toy", ...options } })

it("what suits a run's base model, or follows from its other options, is no difference", () => {
  const suits = { rank: 16, learningRate: 2e-3 }
  const names = (options: object) => differencesFromDefaults(complete(options), suits).map(({ name }) => name)
  assert.deepEqual(names({ ...suits, loraAlpha: 16, maxTrainSteps: 500 }), ["instancePrompt"])
  assert.deepEqual(names({ ...suits, rank: 8 }), ["instancePrompt", "rank"])
  const [, steps] = differencesFromDefaults(complete({ method: "full", maxTrainSteps: 10 }), {}).slice(-2)
  assert.deepEqual(steps, { name: "maxTrainSteps", value: 10, default: 800 })
})

it("options are called as in the field", () => {
  const labels = new Map(trainingOptionDescriptions.map(({ name, label }) => [name, label]))
  assert.equal(labels.get("loraAlpha"), "LoRA alpha")
  assert.equal(labels.get("use8bitAdam"), "Use 8-bit Adam")
  assert.equal(labels.get("lrWarmupSteps"), "Learning rate warmup steps")
  assert.equal(labels.get("numClassImages"), "Number of class images")
})
