import assert from "node:assert/strict"
import { test } from "node:test"
import { failureOf } from "./failure.ts"

test("a run whose numbers left their range is told so, whatever else its message names", () => {
  const message =
    "The loss of step 11 is not a finite number, so the run was stopped; there is no checkpoint yet. Usual causes: " +
    "learning_rate too high (try a tenth), or a base model whose own weights are damaged."
  const failure = failureOf(new Error(message))
  assert.match(failure.cause, /left their range/)
  assert.match(failure.advice, /learning rate/)
})

test("a full disk, too little memory, pictures and models are told apart", () => {
  const cause = (message: string) => failureOf(new Error(message)).cause
  assert.match(cause("ENOSPC: no space left on device, write"), /disk/)
  assert.match(cause("The memory ran out"), /memory/)
  assert.match(cause("picture 3.png cannot be decoded"), /pictures/)
  assert.match(cause("The model folder /models/x has no model_index.json"), /model/)
  assert.match(cause("something else"), /the message says how/)
})
