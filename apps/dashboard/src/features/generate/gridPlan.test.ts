import assert from "node:assert/strict"
import { test } from "node:test"
import { planGrid, readValues } from "./gridPlan.ts"

test("values are read from lists and ranges", () => {
  assert.deepEqual(readValues("20, 30,40", true), [20, 30, 40])
  assert.deepEqual(readValues("1-2/0.5, 7", true), [1, 1.5, 2, 7])
  assert.deepEqual(readValues("euler, ddim", false), ["euler", "ddim"])
  assert.deepEqual(readValues("5-1/1, x", true), [])
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

test("a checkpoint as an axis takes the place of the model", () => {
  const [cell] = planGrid(
    { teamId: "t", modelId: "m", options: { prompt: "p" } },
    { name: "checkpoint", label: "", values: ["c1"] },
    undefined,
  )
  assert.equal(cell?.input.checkpointId, "c1")
  assert.equal(cell?.input.modelId, undefined)
})
