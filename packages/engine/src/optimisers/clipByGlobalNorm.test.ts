import assert from "node:assert/strict"
import { test } from "node:test"
import { clipByGlobalNorm } from "./clipByGlobalNorm.ts"

test("gradients above the norm are scaled to it together, and the norm before is returned", () => {
  const gradients = [new Float32Array([3, 0, 0, 0, 0]), new Float32Array([-4])]
  assert.equal(clipByGlobalNorm(gradients, 1), 5)
  assert.ok(Math.abs((gradients[0]?.[0] ?? 0) - 0.6) < 1e-6)
  assert.ok(Math.abs((gradients[1]?.[0] ?? 0) + 0.8) < 1e-6)
})

test("gradients below the norm keep their bits", () => {
  const gradients = [new Float32Array([0.1, 0.2, 0.3])]
  clipByGlobalNorm(gradients, 1)
  assert.deepEqual(gradients, [new Float32Array([0.1, 0.2, 0.3])])
  assert.equal(clipByGlobalNorm([], 1), 0)
})

test("squares that overflow float32 do not spoil the norm, and NaN shows in it", () => {
  assert.equal(clipByGlobalNorm([new Float32Array([2 ** 100])], 1), 2 ** 100)
  assert.ok(Number.isNaN(clipByGlobalNorm([new Float32Array([1, Number.NaN])], 1)))
})
