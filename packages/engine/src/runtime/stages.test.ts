import assert from "node:assert/strict"
import { test } from "node:test"
import { Graph, type Tensor } from "../graph/graph.ts"
import { type MemoryMode, planStages } from "./stages.ts"

/** A residual layer with a low-rank adapter, between two others. */
function plan(mode: MemoryMode) {
  const g = new Graph()
  const weight = (name: string, shape: readonly number[]) => g.parameter(name, shape)
  const x = g.block("first", () => g.mul(g.input("x", [3, 8]), weight("first", [8])))
  const y = g.block("layer", () => {
    const input = g.linear(x, weight("in", [8, 8]))
    const down = g.linear(input, weight("A", [2, 8]))
    const layer = g.add(g.linear(input, weight("base", [8, 8])), g.linear(down, weight("B", [8, 2])))
    return g.add(g.silu(g.silu(layer)), x)
  })
  const output = g.block("last", () => g.mul(y, weight("last", [8])))
  return planStages(g, output, { mode, trainable: new Set(["first", "A", "B"]) })
}

const operators = (tensors: Iterable<Tensor>) => [...tensors].map(({ operator }) => operator).toSorted()

test("mode save keeps a layer's sum with its adapter instead of both, and what gradients read themselves", () => {
  const { forward } = plan("save")
  // The linear layer before the adapter, the adapter's inner values, the sum; and the block's own result.
  assert.deepEqual(operators(forward[1]?.outputs ?? []), ["Add", "Add", "Linear", "Linear"])
})

test("mode recompute keeps the blocks' inputs alone", () => {
  const { forward, backward } = plan("recompute")
  assert.deepEqual(operators(forward[1]?.outputs ?? []), ["Add"])
  const layer = backward.find(({ name }) => name === "∇1")
  assert.deepEqual(
    operators(layer?.fed ?? []).filter((operator) => operator !== "Input"),
    ["Mul", "Mul"],
  )
})
