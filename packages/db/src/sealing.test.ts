import assert from "node:assert/strict"
import { test } from "node:test"
import { sealingOf } from "./sealing.ts"

test("a sealed secret opens with the same studio secret alone, and never twice looks the same", () => {
  const sealing = sealingOf("a secret of the studio, thirty-two")
  const sealed = sealing.seal("hf_token")
  assert.equal(sealing.open(sealed), "hf_token")
  assert.notDeepEqual(sealing.seal("hf_token"), sealed)
  assert.throws(() => sealingOf("another").open(sealed))
  assert.throws(() => sealing.open(sealed.with(14, (sealed[14] ?? 0) ^ 1)))
})
