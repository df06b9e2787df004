import assert from "node:assert/strict"
import { test } from "node:test"
import { count, formatAgo, formatBytes, formatDuration, formatNumber } from "./format.ts"

test("bytes are given in the unit a reader expects", () => {
  assert.equal(formatBytes(0), "0 B")
  assert.equal(formatBytes(999), "999 B")
  assert.equal(formatBytes(1536), "1.5 kB")
  assert.equal(formatBytes(4_265_380_512), "4.3 GB")
})

test("durations name two units at most", () => {
  assert.deepEqual([0, 59.6, 200, 3599, 7500, 7200, 270_000].map(formatDuration), [
    "0 s",
    "1 min",
    "3 min 20 s",
    "59 min",
    "2 h 5 min",
    "2 h",
    "3 d 3 h",
  ])
})

test("learning rates and counts stay readable", () => {
  assert.deepEqual([0, 1e-4, 2e-6, 0.12345, 800, 12_500].map(formatNumber), [
    "0",
    "1e-4",
    "2e-6",
    "0.1235",
    "800",
    "12,500",
  ])
})

test("the time since is said in the largest unit that fits", () => {
  const now = Date.parse("2026-03-05T12:00:00Z")
  assert.equal(formatAgo("2026-03-05T11:59:40Z", now), "just now")
  assert.equal(formatAgo("2026-03-05T11:57:00Z", now), "3 minutes ago")
  assert.equal(formatAgo("2026-03-04T12:00:00Z", now), "yesterday")
})

test("nouns follow their number", () => {
  assert.equal(count(1, "picture"), "1 picture")
  assert.equal(count(0, "entry", "entries"), "0 entries")
})
