import assert from "node:assert/strict"
import { test } from "node:test"
import {
  adoptable,
  type Draft,
  differs,
  emptyDraft,
  missingIn,
  scenesOf,
  sentOptions,
  suggestedName,
  withBaseModel,
  withOption,
  withScenes,
  withSettings,
} from "./draft.ts"

const scenes = { validationPrompts: ["a photo of sks toy", "a photo of sks toy on the moon"] }
const ready: Draft = { ...emptyDraft, datasetId: "d", classNoun: "toy", baseModelId: "m" }

test("a step says everything that is missing, and nothing once it is there", () => {
  assert.deepEqual(missingIn(emptyDraft, "subject", undefined), [
    "Choose the pictures.",
    "Say what it is, e.g. toy, dog, person.",
  ])
  assert.deepEqual(missingIn(ready, "check", 5), [])
  assert.deepEqual(missingIn(ready, "check", 0), ["The data set has no pictures yet; add some first."])
})

test("the prompt is made of the subject's words unless one is given", () => {
  assert.deepEqual(sentOptions(ready), { instancePrompt: "a photo of sks toy", ...scenes })
  assert.deepEqual(sentOptions(withOption(ready, "instancePrompt", "an oil painting of sks")), {
    instancePrompt: "an oil painting of sks",
    validationPrompts: ["an oil painting of sks", "an oil painting of sks on the moon"],
  })
})

test("prior preservation brings the class prompt along", () => {
  assert.deepEqual(sentOptions(withOption(ready, "withPriorPreservation", true)), {
    instancePrompt: "a photo of sks toy",
    ...scenes,
    classPrompt: "a photo of a toy",
    withPriorPreservation: true,
  })
})

test("what suits the base model is sent along, and a person's own values before it", () => {
  const suits = { learningRate: 2e-4, withPriorPreservation: true }
  const sent = sentOptions(withOption(ready, "learningRate", 1e-3), suits)
  assert.equal(sent.learningRate, 1e-3)
  assert.equal(sent.withPriorPreservation, true)
  assert.equal(sent.classPrompt, "a photo of a toy")
})

test("what is drawn meanwhile follows the subject until a person writes it, and may be nothing", () => {
  assert.deepEqual(scenesOf({ ...ready, classNoun: "" }), [])
  const left = withScenes(ready, scenes.validationPrompts)
  assert.deepEqual(scenesOf({ ...left, classNoun: "dog" })[0], "a photo of sks dog")
  assert.deepEqual(scenesOf(withScenes(ready, ["sks in the rain"])), ["sks in the rain"])
  assert.deepEqual(sentOptions(withScenes(ready, undefined)).validationPrompts, [])
})

test("the resolution follows the base model until a person sets another", () => {
  const [small, large, unknown] = [
    { id: "s", resolution: 64 },
    { id: "l", resolution: 768 },
    { id: "u", resolution: null },
  ]
  const first = withBaseModel(ready, small, undefined)
  assert.equal(first.options.resolution, 64)
  assert.equal(withBaseModel(first, large, small).options.resolution, 768)
  assert.equal("resolution" in withBaseModel(first, unknown, small).options, false)
  const own = withOption(first, "resolution", 96)
  assert.equal(withBaseModel(own, large, small).options.resolution, 96)
})

test("an option counts as changed only where its value is another than the recommended one", () => {
  const draft = withBaseModel(ready, { id: "s", resolution: 64 }, undefined)
  assert.equal(differs(draft, { name: "resolution", default: 64 }), false)
  assert.equal(differs(draft, { name: "resolution", default: 512 }), true)
  assert.equal(differs(draft, { name: "rank", default: 8 }), false)
})

test("an option put back to its default is no longer sent", () => {
  assert.deepEqual(withOption(withOption(ready, "rank", 16), "rank", undefined).options, {})
})

test("a clone takes over what differs from the defaults and what is an option", () => {
  const known = new Set(["rank", "seed", "resolution"])
  assert.deepEqual(
    adoptable({ rank: 16, seed: 42, model: "/models/x", resolution: null }, known, { seed: 42, rank: 8 }),
    { rank: 16 },
  )
  assert.deepEqual(adoptable("nonsense", known, {}), {})
})

test("the suggested name says subject, method and length", () => {
  const defaults = { method: "lora", maxTrainSteps: 500 }
  assert.equal(suggestedName(ready, defaults), "sks toy, LoRA, 500 steps")
  const full = withOption(withOption(ready, "method", "full"), "maxTrainSteps", 800)
  assert.equal(suggestedName(full, defaults), "sks toy, full, 800 steps")
})

test("a file's usual prompt fills the subject's fields, any other one stays a setting", () => {
  const draft = { ...emptyDraft, options: { rank: 4 } }
  const named = withSettings(draft, { instancePrompt: "a photo of norweign-fjords fjord", learningRate: 2e-6 })
  assert.deepEqual([named.identifier, named.classNoun], ["norweign-fjords", "fjord"])
  assert.deepEqual(named.options, { rank: 4, learningRate: 2e-6 })
  const other = withSettings(draft, { instancePrompt: "sks, in oil" })
  assert.equal(other.identifier, emptyDraft.identifier)
  assert.deepEqual(other.options, { rank: 4, instancePrompt: "sks, in oil" })
})
