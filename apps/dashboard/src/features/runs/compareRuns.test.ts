import assert from "node:assert/strict"
import { test } from "node:test"
import { alignRuns, differingOptions, sharedSamples } from "./compareRuns.ts"

test("runs of different length share one axis", () => {
  const [steps, first, second] = alignRuns(
    [
      [
        { step: 1, loss: 1 },
        { step: 3, loss: 3 },
      ],
      [{ step: 2, loss: 5 }],
    ],
    "loss",
    0,
  )
  assert.deepEqual(steps, [1, 2, 3])
  assert.deepEqual(first, [1, null, 3])
  assert.deepEqual(second, [null, 5, null])
})

test("only what differs is listed, lists and absence included", () => {
  assert.deepEqual(
    differingOptions([
      { rank: 8, seed: 1, prompts: ["a"] },
      { rank: 8, seed: 2, prompts: ["a", "b"] },
    ]),
    [
      { name: "prompts", values: [["a"], ["a", "b"]] },
      { name: "seed", values: [1, 2] },
    ],
  )
})

test("samples are shown side by side only where prompt and seed agree, each run's latest", () => {
  const sample = (id: string, step: number, seed: number) => ({
    id,
    step,
    seed,
    promptIndex: 0,
    prompt: "p",
    url: "",
    thumbnailUrl: "",
  })
  const rows = sharedSamples([[sample("a", 1, 7), sample("b", 2, 7), sample("c", 2, 8)], [sample("d", 1, 7)]])
  assert.deepEqual(
    rows.map((row) => row.samples.map((one) => one?.id)),
    [["b", "d"]],
  )
})
