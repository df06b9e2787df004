import assert from "node:assert/strict"
import { test } from "node:test"
import { waitingText } from "./waitingText.ts"

test("who waits is told whether workers are busy or none is there, and how many runs come first", () => {
  const said = (ahead: number, workers: number) => Object.values(waitingText({ ahead, workers })).join(". ")
  assert.match(said(0, 0), /^No worker is there\. .*npm start/)
  assert.equal(said(0, 1), "The worker is busy. It is the next one, and begins by itself.")
  assert.equal(said(2, 3), "All 3 workers are busy. 2 runs before it; it begins by itself.")
})
