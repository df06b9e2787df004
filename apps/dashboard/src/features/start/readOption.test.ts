import assert from "node:assert/strict"
import { test } from "node:test"
import { readNumber, writeNumber } from "./readOption.ts"

test("numbers are read as people write them", () => {
  assert.deepEqual(readNumber({ kind: "NUMBER" }, "2e-06"), { value: 2e-6 })
  assert.deepEqual(readNumber({ kind: "INTEGER" }, "1,500"), { value: 1500 })
  assert.deepEqual(readNumber({ kind: "INTEGER" }, " "), { value: undefined })
})

test("what cannot be is said at once", () => {
  assert.deepEqual(readNumber({ kind: "INTEGER" }, "1.5"), { problem: "Only whole numbers." })
  assert.deepEqual(readNumber({ kind: "INTEGER", minimum: 1 }, "0"), { problem: "At least 1." })
  assert.deepEqual(readNumber({ kind: "NUMBER", maximum: 1 }, "2"), { problem: "At most 1." })
  assert.deepEqual(readNumber({ kind: "NUMBER" }, "fast"), { problem: "“fast” is no number." })
})

test("what is written into a field reads as the same number, seeds to their last digit", () => {
  for (const value of [789_270_135, 4_294_967_295, 0.000_123_456, 2e-6, 7.5, 0, 1e-8, -0.25])
    assert.deepEqual(readNumber({ kind: "NUMBER" }, writeNumber(value)), { value })
  assert.equal(writeNumber(2e-6), "2e-6")
})
