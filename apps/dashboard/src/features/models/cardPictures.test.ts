import assert from "node:assert/strict"
import { test } from "node:test"
import { cardPictures } from "./cardPictures.ts"

test("a card's pictures are its run's samples, the latest first, under the names that a push gives them", () => {
  const sample = (step: number, promptIndex: number) => ({
    step,
    promptIndex,
    seed: 42,
    prompt: `prompt ${promptIndex}`,
    url: `/files/${step}-${promptIndex}`,
  })
  assert.deepEqual(cardPictures([sample(0, 0), sample(5, 0), sample(10, 1), sample(10, 0)]), [
    { path: "images/step-10-prompt-0-seed-42.png", url: "/files/10-0", prompt: "prompt 0" },
    { path: "images/step-10-prompt-1-seed-42.png", url: "/files/10-1", prompt: "prompt 1" },
    { path: "images/step-5-prompt-0-seed-42.png", url: "/files/5-0", prompt: "prompt 0" },
  ])
})
