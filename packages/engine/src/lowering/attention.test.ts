import assert from "node:assert/strict"
import { test } from "node:test"
import { backward } from "../autodiff/backward.ts"
import { Graph } from "../graph/graph.ts"
import { compile } from "../runtime/program.ts"

const [tokens, heads, width] = [1500, 2, 2]
const channels = heads * width
const scale = 1 / Math.sqrt(width)

for (const causal of [false, true])
  test(`the gradient of ${causal ? "causal " : ""}attention too large for one matrix is that of the formula`, async () => {
    const graph = new Graph()
    const [q, k, v, dy] = ["q", "k", "v", "dy"].map((name) => graph.input(name, [1, tokens, channels])) as [Q, Q, Q, Q]
    const y = graph.attention(q, k, v, { heads, scale, causal })
    const gradient = backward(graph, new Map([[y, dy]]), [q, k, v])
    const program = await compile(
      { q: gradient.get(q) as Q, k: gradient.get(k) as Q, v: gradient.get(v) as Q },
      { provider: "cpu", threads: 1, weights: new Map() },
    )
    const values = (phase: number) =>
      Float32Array.from({ length: tokens * channels }, (_, i) => Math.sin(i * 0.7 + phase))
    const feeds = { q: values(0), k: values(1), v: values(2), dy: values(3) }
    const results = await program.run(feeds)
    const expected = formula(feeds, causal)
    for (const name of ["q", "k", "v"] as const) {
      const [got, want] = [results[name] as Float32Array, expected[name]]
      const distance = Math.hypot(...want.map((x, i) => x - (got[i] as number))) / Math.hypot(...want)
      assert.ok(distance < 1e-5, `d${name}: ${distance}`)
    }
    await program.release()
  })

type Q = ReturnType<Graph["input"]>

/** In float64, query by query. */
function formula({ q, k, v, dy }: Record<"q" | "k" | "v" | "dy", Float32Array>, causal: boolean) {
  const result = { q: new Float64Array(q.length), k: new Float64Array(q.length), v: new Float64Array(q.length) }
  const dot = (a: Float32Array, i: number, b: Float32Array, j: number) => {
    let sum = 0
    for (let c = 0; c < width; c++) sum += (a[i + c] as number) * (b[j + c] as number)
    return sum
  }
  for (let head = 0; head < heads; head++)
    for (let i = 0; i < tokens; i++) {
      const at = i * channels + head * width
      const seen = causal ? i + 1 : tokens
      const weights = Array.from({ length: seen }, (_, j) =>
        Math.exp(scale * dot(q, at, k, j * channels + head * width)),
      )
      const total = weights.reduce((a, b) => a + b)
      const p = weights.map((weight) => weight / total)
      const dp = p.map((_, j) => dot(dy, at, v, j * channels + head * width))
      const mean = p.reduce((sum, x, j) => sum + x * (dp[j] as number), 0)
      for (const [j, x] of p.entries())
        for (let c = 0; c < width; c++) {
          const other = j * channels + head * width + c
          const ds = scale * x * ((dp[j] as number) - mean)
          result.v[other] = (result.v[other] as number) + x * (dy[at + c] as number)
          result.q[at + c] = (result.q[at + c] as number) + ds * (k[other] as number)
          result.k[other] = (result.k[other] as number) + ds * (q[at + c] as number)
        }
    }
  return result
}
