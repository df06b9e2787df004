import assert from "node:assert/strict"
import { test } from "node:test"
import { comparedByDefault, type SampleLike, sampleTable, togglePin } from "./sampleGrid.ts"

const sample = (step: number, promptIndex: number, seed = 7): SampleLike => ({
  id: `${step}-${promptIndex}-${seed}`,
  step,
  promptIndex,
  prompt: `prompt ${promptIndex}`,
  seed,
  url: "",
  thumbnailUrl: "",
})

test("the base model's row stands first, then the newest step", () => {
  const { rows, columns } = sampleTable([sample(100, 0), sample(0, 0), sample(200, 1), sample(200, 0)])
  assert.deepEqual(
    rows.map(({ step }) => step),
    [0, 200, 100],
  )
  assert.deepEqual(
    columns.map(({ prompt }) => prompt),
    ["prompt 0", "prompt 1"],
  )
  assert.deepEqual(
    rows.map(({ cells }) => cells.map((cell) => cell?.id)),
    [
      ["0-0-7", undefined],
      ["200-0-7", "200-1-7"],
      ["100-0-7", undefined],
    ],
  )
})

test("each seed of a prompt has its own column", () => {
  assert.equal(sampleTable([sample(1, 0, 1), sample(1, 0, 2)]).columns.length, 2)
})

test("two samples can be pinned, a third replaces the second", () => {
  assert.deepEqual(togglePin(["a"], "b"), ["a", "b"])
  assert.deepEqual(togglePin(["a", "b"], "c"), ["a", "c"])
  assert.deepEqual(togglePin(["a", "b"], "a"), ["b"])
})

test("the latest sample is shown against the base model's of the same prompt and seed", () => {
  const samples = [sample(0, 1), sample(0, 0), sample(100, 0), sample(200, 1), sample(200, 0, 8)]
  assert.deepEqual(comparedByDefault(samples), ["0-0-7", "100-0-7"])
  assert.deepEqual(comparedByDefault([sample(50, 0)]), ["50-0-7"])
  assert.deepEqual(comparedByDefault([]), [])
})
