import assert from "node:assert/strict"
import { test } from "node:test"
import { Graph, type Shape, type Tensor } from "../graph/graph.ts"
import type { Operator } from "../graph/operators.ts"
import { size } from "../graph/shapes.ts"
import { compile } from "../runtime/program.ts"
import { backward } from "./backward.ts"
import { gradients } from "./gradients.ts"

type Build = (g: Graph, inputs: readonly Tensor[]) => Tensor
interface Case {
  readonly shapes: readonly Shape[]
  readonly build: Build
}

const same = { top: 1, left: 1, bottom: 1, right: 1 }
const none = { top: 0, left: 0, bottom: 0, right: 0 }
const pair = (build: (g: Graph, a: Tensor, b: Tensor) => Tensor): Case[] => [
  {
    shapes: [
      [2, 3],
      [2, 3],
    ],
    build: (g, [a, b]) => build(g, a as Tensor, b as Tensor),
  },
  {
    shapes: [
      [2, 4, 3],
      [4, 1],
    ],
    build: (g, [a, b]) => build(g, a as Tensor, b as Tensor),
  },
]
const one = (shape: Shape, build: (g: Graph, x: Tensor) => Tensor): Case => ({
  shapes: [shape],
  build: (g, [x]) => build(g, x as Tensor),
})
const conv = (x: Shape, w: Shape, stride: number, padding: typeof same): Case => ({
  shapes: [x, w, [w[0] as number]],
  build: (g, [a, b, c]) => g.conv2d(a as Tensor, b as Tensor, c, { stride, padding }),
})
const attention = (q: Shape, k: Shape, heads: number, causal = false): Case => ({
  shapes: [q, k, k],
  build: (g, [a, b, c]) => g.attention(a as Tensor, b as Tensor, c as Tensor, { heads, scale: 0.6, causal }),
})
const norm = (build: (g: Graph, x: Tensor, s: Tensor, b: Tensor) => Tensor, x: Shape, c: number): Case => ({
  shapes: [x, [c], [c]],
  build: (g, [a, s, b]) => build(g, a as Tensor, s as Tensor, b as Tensor),
})

/** Total over what can be differentiated, so that an operator without a case does not compile. */
type Differentiable = Exclude<Operator, `${string}Gradient` | "Input" | "Parameter" | "Constant" | "Cast" | "Gather">
const cases: { readonly [O in Differentiable]: readonly Case[] } = {
  Add: pair((g, a, b) => g.add(a, b)),
  Sub: pair((g, a, b) => g.sub(a, b)),
  Mul: pair((g, a, b) => g.mul(a, b)),
  Div: pair((g, a, b) => g.div(a, g.exp(b))),
  Exp: [one([2, 3], (g, x) => g.exp(x))],
  Sin: [one([2, 3], (g, x) => g.sin(x))],
  Cos: [one([2, 3], (g, x) => g.cos(x))],
  Clip: [one([4, 5], (g, x) => g.clip(x, -0.5, 0.7))],
  SiLU: [one([3, 4], (g, x) => g.silu(x))],
  GELU: [one([3, 4], (g, x) => g.gelu(x))],
  QuickGELU: [one([3, 4], (g, x) => g.quickGelu(x))],
  Reshape: [one([2, 6], (g, x) => g.reshape(x, [3, 4]))],
  Transpose: [one([2, 3, 4], (g, x) => g.transpose(x, [2, 0, 1]))],
  Concat: [
    {
      shapes: [
        [2, 3],
        [2, 1],
        [2, 2],
      ],
      build: (g, xs) => g.concat(xs, 1),
    },
  ],
  Slice: [one([2, 5, 2], (g, x) => g.slice(x, 1, 1, 4)), one([4, 2], (g, x) => g.slice(x, 0, 0, 3))],
  Expand: [one([2, 1, 3], (g, x) => g.expand(x, [2, 4, 3]))],
  UpsampleNearest2x: [one([1, 2, 3, 2], (g, x) => g.upsampleNearest2x(x))],
  UpsampleNearest: [one([2, 2, 3, 4], (g, x) => g.upsampleNearest(x, 5, 7))],
  ReduceSum: [one([2, 3, 4], (g, x) => g.reduceSum(x, [1])), one([2, 3], (g, x) => g.reduceSum(x, [0, 1], true))],
  ReduceMean: [one([2, 3, 4], (g, x) => g.reduceMean(x, [0, 2]))],
  Linear: [
    { shapes: [[2, 3, 4], [5, 4], [5]], build: (g, [x, w, b]) => g.linear(x as Tensor, w as Tensor, b) },
    {
      shapes: [
        [3, 4],
        [2, 4],
      ],
      build: (g, [x, w]) => g.linear(x as Tensor, w as Tensor),
    },
  ],
  Conv2d: [
    conv([2, 3, 5, 6], [4, 3, 3, 3], 1, same),
    conv([1, 2, 34, 33], [2, 2, 3, 3], 1, same), // large enough for the flipped form
    conv([2, 3, 8, 8], [4, 3, 3, 3], 2, same), // even size: the last column of padding is never reached
    conv([1, 3, 7, 5], [2, 3, 3, 3], 2, same),
    conv([1, 3, 8, 8], [2, 3, 3, 3], 2, { top: 0, left: 0, bottom: 1, right: 1 }),
    conv([2, 3, 4, 5], [4, 3, 1, 1], 1, none),
    conv([1, 3, 6, 6], [4, 3, 1, 1], 2, none),
  ],
  GroupNorm: [
    norm((g, x, s, b) => g.groupNorm(x, s, b, 2, 1e-5), [2, 4, 3, 3], 4),
    norm((g, x, s, b) => g.groupNorm(x, s, b, 3, 1e-6), [1, 6, 5], 6),
  ],
  LayerNorm: [norm((g, x, s, b) => g.layerNorm(x, s, b, 1e-5), [2, 3, 6], 6)],
  Attention: [
    attention([2, 5, 8], [2, 3, 8], 2),
    attention([1, 4, 6], [1, 4, 6], 1),
    attention([2, 5, 8], [2, 5, 8], 4, true),
    attention([1, 4100, 2], [1, 4100, 2], 2), // head by head
  ],
}

for (const [operator, list] of Object.entries(cases))
  for (const [i, { shapes, build }] of list.entries())
    test(`the gradient of ${operator} (case ${i + 1}) is the slope of its output`, () => checkSlope(shapes, build))

test("the gradient of Gather adds up the rows that were asked for twice", async () => {
  const g = new Graph()
  const table = g.input("table", [4, 2])
  const y = g.gather(table, g.input("ids", [2, 2], "int64"))
  const gradient = backward(g, new Map([[y, g.input("dy", y.shape)]]), [table]).get(table) as Tensor
  const program = await compile({ gradient }, { provider: "cpu", threads: 1, weights: new Map() })
  const result = await program.run({
    ids: BigInt64Array.of(1n, 3n, 1n, 0n),
    dy: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  })
  assert.deepEqual([...result.gradient], [7, 8, 6, 8, 0, 0, 3, 4])
})

test("a gradient operator refuses to be differentiated again, by name", () => {
  const g = new Graph()
  const x = g.input("x", [2])
  const y = g.apply("SiLUGradient", [x, x], {})
  assert.throws(() => backward(g, new Map([[y, x]]), [x]), /SiLUGradient has no gradient/)
  assert.equal(typeof gradients.SiLUGradient, "function")
})

/** Compares v·∂L/∂x with the central difference of L along a random direction v, L = Σ dy·y, summed in float64. */
async function checkSlope(shapes: readonly Shape[], build: Build) {
  const random = mulberry32(7)
  const values = shapes.map((shape) => Float32Array.from({ length: size(shape) }, () => random() * 2 - 1))
  const directions = shapes.map((shape) => Float32Array.from({ length: size(shape) }, () => random() * 2 - 1))
  const g = new Graph()
  const inputs = shapes.map((shape, i) => g.input(`x${i}`, shape))
  const y = build(g, inputs)
  const dy = Float32Array.from({ length: size(y.shape) }, () => random() * 2 - 1)
  const found = backward(g, new Map([[y, g.input("dy", y.shape)]]), inputs)
  const outputs: Record<string, Tensor> = Object.fromEntries(inputs.map((x, i) => [`d${i}`, found.get(x) as Tensor]))
  const options = { provider: "cpu", threads: 2, weights: new Map() } as const
  const back = await compile(outputs, options)
  const forward = await compile({ y }, options)
  const feed = (xs: readonly Float32Array[]) => Object.fromEntries(xs.map((x, i) => [`x${i}`, x]))
  const result = await back.run({ ...feed(values), dy })
  const loss = async (i: number, step: number) => {
    const moved = values.map((x, j) => (j === i ? x.map((value, k) => value + step * (directions[i]?.[k] ?? 0)) : x))
    const { y: out } = await forward.run(feed(moved))
    return (out as Float32Array).reduce((sum, value, k) => sum + value * (dy[k] ?? 0), 0)
  }
  for (const i of shapes.keys()) {
    const step = 2e-3
    const slope = ((await loss(i, step)) - (await loss(i, -step))) / (2 * step)
    const claimed = (result[`d${i}`] as Float32Array).reduce(
      (sum, value, k) => sum + value * (directions[i]?.[k] ?? 0),
      0,
    )
    const norm = Math.hypot(...(result[`d${i}`] as Float32Array))
    assert.ok(
      Math.abs(slope - claimed) <= 5e-3 * Math.max(norm, 0.5),
      `input ${i}: slope ${slope}, gradient says ${claimed}`,
    )
  }
}

/** A small deterministic generator (Tommy Ettinger's mulberry32). */
function mulberry32(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
