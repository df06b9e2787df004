import assert from "node:assert/strict"
import { test } from "node:test"
import { starterFacts } from "./starterModel.ts"

test("the starter model that ships with Fjord draws 64 pixels", async () => {
  assert.deepEqual(await starterFacts(), { resolution: 64, family: "starter" })
})
