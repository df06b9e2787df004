import assert from "node:assert/strict"
import { test } from "node:test"
import { lineDiff } from "./lineDiff.ts"

const marks = { same: " ", added: "+", removed: "-" }
const shown = (before: string, after: string) => lineDiff(before, after).map(({ kind, text }) => marks[kind] + text)

test("what stays is the same, what went stands before what came", () => {
  assert.deepEqual(shown("a\nb\nc", "a\nx\nc"), [" a", "-b", "+x", " c"])
  assert.deepEqual(shown("a", "a"), [" a"])
  assert.deepEqual(shown("a\nb", "a\nb\nc"), [" a", " b", "+c"])
})

test("the old text comes out of same and removed, the new one out of same and added", () => {
  const before = "one\ntwo\nthree\nfour\nfive"
  const after = "zero\none\nthree\n3.5\nfive\nsix"
  const lines = lineDiff(before, after)
  const keep = (kind: string) =>
    lines
      .filter((line) => line.kind === "same" || line.kind === kind)
      .map((line) => line.text)
      .join("\n")
  assert.equal(keep("removed"), before)
  assert.equal(keep("added"), after)
})
