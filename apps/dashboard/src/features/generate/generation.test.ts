import assert from "node:assert/strict"
import { test } from "node:test"
import {
  emptyGeneration,
  type GenerationDraft,
  generationInput,
  isWritten,
  recall,
  whyNot,
  withWord,
} from "./generation.ts"

const draft: GenerationDraft = {
  ...emptyGeneration,
  source: { kind: "model", id: "m" },
  options: { prompt: "a boat", seed: 5 },
}

test("the button says what is missing", () => {
  assert.equal(whyNot(emptyGeneration), "Choose a model first.")
  assert.equal(whyNot({ ...draft, options: { prompt: "  " } }), "Write what the image shall show.")
  assert.equal(whyNot(draft), undefined)
})

test("a random seed takes the place of the one in the field, a fixed one stays", () => {
  assert.equal(generationInput(draft, "t", 99).options.seed, 99)
  assert.equal(generationInput({ ...draft, randomSeed: false }, "t", 99).options.seed, 5)
})

test("recalling a seed fixes it; recalling a prompt leaves the rest alone", () => {
  assert.deepEqual(recall(draft, { seed: 7 }, "seed"), {
    ...draft,
    randomSeed: false,
    options: { prompt: "a boat", seed: 7 },
  })
  assert.deepEqual(recall(draft, { prompt: "a dog", steps: 9 }, "prompt").options, { prompt: "a dog", seed: 5 })
  assert.deepEqual(recall(draft, { prompt: "a dog", steps: 9 }, "all").options, { prompt: "a dog", seed: 5, steps: 9 })
})

test("what suits the base model is sent where nothing was typed", () => {
  const { options } = generationInput({ ...draft, options: { prompt: "a boat", steps: 9 } }, "t", 1, {
    steps: 25,
    guidanceScale: 4,
  })
  assert.deepEqual([options.steps, options.guidanceScale], [9, 4])
})

test("recalling everything takes the picture that it started from, or noise", () => {
  const startImage = { kind: "image", id: "i", url: "/files/1", strength: 0.4 } as const
  const started = recall(draft, { prompt: "a dog", startImage }, "all")
  assert.deepEqual(started.startImage, startImage)
  assert.deepEqual(generationInput(started, "t", 1).imageToImage, { strength: 0.4, imageId: "i" })
  assert.equal(recall(started, { prompt: "a cat" }, "all").startImage, undefined)
  assert.deepEqual(recall(started, { prompt: "a cat" }, "prompt").startImage, startImage)
})

test("exactly one thing draws", () => {
  const input = generationInput(
    {
      ...draft,
      source: { kind: "checkpoint", id: "c", runId: "r" },
      loras: [{ kind: "model", id: "l", name: "", weight: 0.5 }],
    },
    "t",
    1,
  )
  assert.equal(input.checkpointId, "c")
  assert.equal(input.modelId, undefined)
  assert.deepEqual(input.loras, [{ modelId: "l", weight: 0.5 }])
})

test("an embedding is sent with its word, and its word comes into the prompt once", () => {
  const mist = { id: "e", name: "Mist", token: "<mist>" }
  const added = { ...draft, embeddings: [mist] }
  assert.deepEqual(generationInput(added, "t", 1).embeddings, [{ modelId: "e", token: "<mist>" }])
  assert.equal(isWritten(added, mist), false)
  assert.equal(withWord(added, mist).options.prompt, "a boat, <mist>")
  assert.equal(isWritten(withWord(added, mist), mist), true)
  const without = { ...added, options: { prompt: "a boat", negativePrompt: "<mist>" } }
  assert.equal(isWritten(without, mist), true)
})
