import assert from "node:assert/strict"
import { test } from "node:test"
import { Graph } from "../graph/graph.ts"
import { cutIntoSegments } from "./segments.ts"

const cut = (g: Graph) =>
  cutIntoSegments(g.tensors).map(({ name, tensors }) => `${name}: ${tensors.map(({ operator }) => operator).join(" ")}`)

test("a graph is cut where the block changes, and leaves belong to no segment", () => {
  const g = new Graph()
  const a = g.block("a", () => g.silu(g.linear(g.input("x", [2, 3]), g.parameter("w", [3, 3]))))
  g.block("b", () => g.mul(g.exp(a), g.constant(2)))
  assert.deepEqual(cut(g), ["a: Linear SiLU", "b: Exp Mul"])
})

test("what lies between two blocks joins the one that follows, and what comes last joins the last", () => {
  const g = new Graph()
  const x = g.input("x", [2, 3])
  const first = g.sin(x)
  const a = g.block("a", () => g.exp(first))
  const skip = g.concat([a, x], 1)
  const b = g.block("b", () => g.silu(skip))
  g.cos(b)
  assert.deepEqual(cut(g), ["a: Sin Exp", "b: Concat SiLU Cos"])
})

test("loose values within one block stay in it", () => {
  const g = new Graph()
  const a = g.block("a", () => g.exp(g.input("x", [2])))
  const loose = g.sin(a)
  g.block("a", () => g.cos(loose))
  assert.deepEqual(cut(g), ["a: Exp Sin Cos"])
})

test("a block that is left and entered again is two segments", () => {
  const g = new Graph()
  const a = g.block("a", () => g.exp(g.input("x", [2])))
  const b = g.block("b", () => g.sin(a))
  g.block("a", () => g.cos(b))
  assert.deepEqual(cut(g), ["a: Exp", "b: Sin", "a: Cos"])
})

test("a graph without blocks is one segment, and one of leaves alone is none", () => {
  const g = new Graph()
  const x = g.input("x", [2])
  assert.deepEqual(cut(g), [])
  g.exp(x)
  assert.deepEqual(cut(g), [": Exp"])
})
