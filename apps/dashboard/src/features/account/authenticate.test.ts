import assert from "node:assert/strict"
import { test } from "node:test"
import { safeNext } from "./authenticate.ts"

test("after signing in nobody is sent to another site", () => {
  assert.equal(safeNext("/runs/1?tab=log"), "/runs/1?tab=log")
  for (const next of [null, "", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
    assert.equal(safeNext(next), "/")
})
