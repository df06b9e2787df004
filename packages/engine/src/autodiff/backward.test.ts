import assert from "node:assert/strict"
import { test } from "node:test"
import { Graph, type Tensor } from "../graph/graph.ts"
import { printGraph } from "../graph/printGraph.ts"
import { compile } from "../runtime/program.ts"
import { backward } from "./backward.ts"

const compute = async (outputs: Record<string, Tensor>, inputs: Record<string, Float32Array>) => {
  const program = await compile(outputs, { provider: "cpu", threads: 1, weights: new Map() })
  try {
    return await program.run(inputs)
  } finally {
    await program.release()
  }
}
const gradientOf = (gradients: ReadonlyMap<Tensor, Tensor>, x: Tensor): Tensor => {
  const gradient = gradients.get(x)
  assert.ok(gradient, "the tensor has a gradient")
  return gradient
}

test("a value that is used twice gets the sum of both gradients", async () => {
  const g = new Graph()
  const x = g.input("x", [3])
  const y = g.add(g.mul(x, x), g.mul(x, g.constant(10))) // dy/dx = 2x + 10
  const dx = gradientOf(backward(g, new Map([[y, g.input("dy", [3])]]), [x]), x)
  const result = await compute({ dx }, { x: Float32Array.of(1, 2, -3), dy: Float32Array.of(1, 1, 2) })
  assert.deepEqual(result.dx, Float32Array.of(12, 14, 8))
})

test("broadcasting is undone: a gradient has the shape of its value", async () => {
  const g = new Graph()
  const a = g.input("a", [2, 3])
  const row = g.input("row", [3])
  const column = g.input("column", [2, 1])
  const scalar = g.input("scalar", [])
  const y = g.add(g.add(g.add(a, row), column), scalar)
  const gradients = backward(g, new Map([[y, g.input("dy", [2, 3])]]), [a, row, column, scalar])
  for (const [x, gradient] of gradients) assert.deepEqual(gradient.shape, x.shape)
  const result = await compute(
    { row: gradientOf(gradients, row), column: gradientOf(gradients, column), scalar: gradientOf(gradients, scalar) },
    { dy: Float32Array.of(1, 2, 3, 4, 5, 6) },
  )
  assert.deepEqual(result, {
    row: Float32Array.of(5, 7, 9),
    column: Float32Array.of(6, 15),
    scalar: Float32Array.of(21),
  })
})

test("several seeds are added up, and what no seed depends on has no gradient", async () => {
  const g = new Graph()
  const [x, unused] = [g.input("x", [2]), g.input("unused", [2])]
  const middle = g.mul(x, g.constant(3))
  const end = g.mul(middle, g.constant(5))
  const gradients = backward(
    g,
    new Map([
      [middle, g.input("d middle", [2])],
      [end, g.input("d end", [2])],
    ]),
    [x, unused],
  )
  assert.equal(gradients.has(unused), false)
  const inputs = { "d middle": Float32Array.of(1, 0), "d end": Float32Array.of(0, 1) }
  assert.deepEqual((await compute({ dx: gradientOf(gradients, x) }, inputs)).dx, Float32Array.of(3, 15))
})

test("the gradient of a two-layer network is these lines", () => {
  const g = new Graph()
  const first = g.parameter("first.weight", [4, 3])
  const hidden = g.block("first", () => g.silu(g.linear(g.input("x", [2, 3]), first)))
  const y = g.block("second", () => g.linear(hidden, g.parameter("second.weight", [5, 4])))
  const gradients = backward(g, new Map([[y, g.input("dy", [2, 5])]]), [first, g.parameter("second.weight", [5, 4])])
  assert.equal(
    printGraph(g, [...gradients.values()]),
    `
%0 = Parameter(first.weight) [4,3] float32
%1 = Input(x) [2,3] float32 @first
%2 = Linear(%1, w: first.weight) [2,4] float32 @first
%3 = SiLU(%2) [2,4] float32 @first
%4 = Parameter(second.weight) [5,4] float32 @second
%6 = Input(dy) [2,5] float32
%7 = LinearInputGradient(%6, w: second.weight) [2,4] float32 @∇second
%8 = LinearWeightGradient(%6, %3) [5,4] float32 @∇second
%10 = SiLUGradient(%7, %2) [2,4] float32 @∇first
%12 = LinearWeightGradient(%10, %1) [4,3] float32 @∇first`.trim(),
  )
})

test("nothing is computed for what is not asked: a frozen layer gets no weight gradient, and the first no input gradient", () => {
  const g = new Graph()
  const weight = g.parameter("second.weight", [5, 4])
  const hidden = g.silu(g.linear(g.input("x", [2, 3]), g.parameter("first.weight", [4, 3])))
  const y = g.linear(hidden, weight)
  const dy = g.input("dy", [2, 5])
  const gradients = backward(g, new Map([[y, dy]]), [weight])
  const added = new Set([...gradients.values()])
  assert.equal(
    printGraph(g, [...added])
      .split("\n")
      .at(-1)
      ?.replace(/^%\d+/, "%"),
    `% = LinearWeightGradient(%${dy.id}, %${hidden.id}) [5,4] float32 @∇`,
  )
  assert.equal(
    g.tensors.some(({ operator }) => operator === "SiLUGradient"),
    false,
  )
})

test("slices that tile a value give one joined gradient, others the sum", async () => {
  const g = new Graph()
  const x = g.input("x", [2, 4])
  const tiled = g.mul(g.slice(x, 1, 2, 4), g.slice(x, 1, 0, 2))
  const dy = g.input("dy", [2, 2])
  const gradients = backward(g, new Map([[tiled, dy]]), [x])
  const dx = gradientOf(gradients, x)
  assert.equal(dx.operator, "Concat")
  const values = { x: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), dy: Float32Array.of(1, 1, 1, 1) }
  assert.deepEqual((await compute({ dx }, values)).dx, Float32Array.of(3, 4, 1, 2, 7, 8, 5, 6))

  const overlapping = g.add(g.slice(x, 1, 0, 2), g.slice(x, 1, 1, 3))
  const sum = gradientOf(backward(g, new Map([[overlapping, dy]]), [x]), x)
  assert.deepEqual((await compute({ sum }, values)).sum, Float32Array.of(1, 2, 1, 0, 1, 2, 1, 0))
})

test("a tile that leads nowhere counts as zero", async () => {
  const g = new Graph()
  const x = g.input("x", [4])
  g.slice(x, 0, 0, 2)
  const end = g.mul(g.slice(x, 0, 2, 4), g.constant(3))
  const dx = gradientOf(backward(g, new Map([[end, g.input("dy", [2])]]), [x]), x)
  assert.deepEqual((await compute({ dx }, { dy: Float32Array.of(1, 2) })).dx, Float32Array.of(0, 0, 3, 6))
})
