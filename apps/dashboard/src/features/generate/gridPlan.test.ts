import assert from "node:assert/strict"
import { test } from "node:test"
import type { OptionFieldsFragment } from "../../graphql/generated/graphql.ts"
import { axisKinds, axisOf, firstAxis, planGrid, readNumbers, valueLabel } from "./gridPlan.ts"

const option = (name: string, kind: OptionFieldsFragment["kind"], choices: string[] | null = null) => ({
  name,
  kind,
  choices,
  snakeName: name,
  label: name,
  description: "",
  default: null,
  absent: null,
  minimum: null,
  maximum: null,
  group: "",
})

test("numbers are read from lists and ranges; what is none is left out", () => {
  assert.deepEqual(readNumbers("20, 30,40, 20"), [20, 30, 40])
  assert.deepEqual(readNumbers("1-2/0.5, 7"), [1, 1.5, 2, 7])
  assert.deepEqual(readNumbers("5-1/1, x"), [])
})

test("every setting can be an axis; what is not there cannot", () => {
  const options = [option("prompt", "text"), option("steps", "integer"), option("scheduler", "choice", ["ddim"])]
  const machine = [option("threads", "integer"), option("numImages", "integer")]
  const nothing = { checkpoints: [], models: [], hasLoras: false, hasStartImage: false }
  const names = (kinds: { name: string }[]) => kinds.map(({ name }) => name)
  assert.deepEqual(names(axisKinds({ options: [...options, ...machine], ...nothing })), [
    "prompt",
    "steps",
    "scheduler",
  ])
  const everything = {
    options,
    checkpoints: [{ id: "c", step: 5 }],
    models: [
      { id: "m", name: "M" },
      { id: "n", name: "N" },
    ],
    hasLoras: true,
    hasStartImage: true,
  }
  assert.deepEqual(names(axisKinds(everything)), [
    "checkpoint",
    "model",
    "prompt",
    "steps",
    "scheduler",
    "loraWeight",
    "strength",
  ])
})

test("a checkpoint is chosen by its id and called by its step; a prompt keeps its commas", () => {
  const [kind] = axisKinds({
    options: [],
    checkpoints: [
      { id: "c1", step: 100 },
      { id: "c2", step: 200 },
    ],
    models: [],
    hasLoras: false,
    hasStartImage: false,
  })
  assert.ok(kind)
  assert.deepEqual(axisOf(kind, firstAxis(kind)).values, ["c1", "c2"])
  assert.equal(valueLabel(kind, "c2"), "step 200")
  const prompt = { name: "prompt", label: "Prompt", reads: "lines", example: "" } as const
  assert.deepEqual(axisOf(prompt, { name: "prompt", text: "a boat, red\n\n a dog ", chosen: [] }).values, [
    "a boat, red",
    "a dog",
  ])
})

test("every pair of values is one generation of one image", () => {
  const base = { teamId: "t", modelId: "m", options: { prompt: "p", seed: 3, numImages: 4 } }
  const cells = planGrid(
    base,
    { name: "steps", label: "", values: [10, 20] },
    { name: "scheduler", label: "", values: ["ddim", "euler"] },
  )
  assert.deepEqual(
    cells.map(({ row, column }) => [row, column]),
    [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ],
  )
  assert.deepEqual(cells[3]?.input.options, { prompt: "p", seed: 3, numImages: 1, steps: 20, scheduler: "euler" })
})

test("a model or checkpoint as an axis takes the place of what draws; weights and strengths go where they belong", () => {
  const base = {
    teamId: "t",
    modelId: "m",
    loras: [{ modelId: "l", weight: 1 }],
    imageToImage: { imageId: "i", strength: 0.6 },
    options: { prompt: "p" },
  }
  const cell = (name: string, value: string | number) =>
    planGrid(base, { name, label: "", values: [value] }, undefined)[0]?.input
  assert.equal(cell("checkpoint", "c1")?.checkpointId, "c1")
  assert.equal(cell("checkpoint", "c1")?.modelId, undefined)
  assert.equal(cell("model", "n")?.modelId, "n")
  assert.deepEqual(cell("loraWeight", 0.5)?.loras, [{ modelId: "l", weight: 0.5 }])
  assert.deepEqual(cell("strength", 0.9)?.imageToImage, { imageId: "i", strength: 0.9 })
})
