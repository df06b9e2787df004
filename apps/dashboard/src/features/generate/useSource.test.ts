import assert from "node:assert/strict"
import { test } from "node:test"
import type { FormData } from "./GeneratePage.tsx"
import { suitingGeneration } from "./useSource.ts"

test("what suits the base model is its own settings and its size; a model that says nothing suggests nothing", () => {
  const node = { id: "small", resolution: 64, settings: { generation: { steps: 25, guidanceScale: 4 } } }
  const plain = { id: "plain", resolution: null, settings: { generation: {} } }
  const data = { baseModels: { edges: [{ node }, { node: plain }] } } as unknown as FormData
  assert.deepEqual(suitingGeneration(data, "small"), { width: 64, height: 64, steps: 25, guidanceScale: 4 })
  assert.deepEqual(suitingGeneration(data, "plain"), {})
  assert.deepEqual(suitingGeneration(data, undefined), {})
})
