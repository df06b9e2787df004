import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import { runParity } from "./parity/sections.ts"

const golden = fileURLToPath(new URL("../../shared/golden", import.meta.url))
const skip = existsSync(golden) ? false : "the reference data of ../shared/golden is not here"

test("every number agrees with PyTorch and diffusers within its tolerance", { skip }, async () => {
  const failures: string[] = []
  let passed = 0
  for await (const { outcome, line } of runParity(golden)) {
    if (outcome === "failed") failures.push(line)
    if (outcome === "passed") passed++
  }
  assert.deepEqual(failures, [])
  assert.ok(passed > 0, "the reference data holds nothing to compare with")
})
