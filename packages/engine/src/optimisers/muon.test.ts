import assert from "node:assert/strict"
import { after, test } from "node:test"
import { Muon } from "./muon.ts"

const machine = { provider: "cpu", threads: 1 } as const
const open: Muon[] = []
after(async () => {
  for (const optimiser of open) await optimiser.release()
})
function muon(options: Partial<ConstructorParameters<typeof Muon>[0]> = {}): Muon {
  const optimiser = new Muon({ ...machine, ...options })
  open.push(optimiser)
  return optimiser
}

/** Columns of a reflection (Householder): orthonormal, and none of them an axis. */
function orthonormal(n: number, seed: number): (column: number, row: number) => number {
  const v = Array.from({ length: n }, (_, i) => Math.sin(seed + i) + 0.1)
  const squares = v.reduce((sum, x) => sum + x * x, 0)
  return (column, row) => (row === column ? 1 : 0) - (2 * (v[row] as number) * (v[column] as number)) / squares
}

/** Σ singular[k] u_k v_kᵀ, rows × columns. */
function matrixOf(singular: readonly number[], rows: number, columns: number): Float32Array {
  const [u, v] = [orthonormal(rows, 1), orthonormal(columns, 2)]
  return Float32Array.from({ length: rows * columns }, (_, i) =>
    singular.reduce((sum, s, k) => sum + s * u(k, Math.floor(i / columns)) * v(k, i % columns), 0),
  )
}

/** What five steps of the quintic do to one singular value. */
function quintic(s: number): number {
  let x = s
  for (let i = 0; i < 5; i++) x = 3.4445 * x - 4.775 * x ** 3 + 2.0315 * x ** 5
  return x
}

for (const [rows, columns] of [
  [4, 7],
  [7, 4],
  [5, 5],
] as const)
  test(`a step moves a ${rows} × ${columns} matrix by its gradient's directions with singular values near one`, async () => {
    const singular = [3, 1, 0.5, 0.2]
    const norm = Math.sqrt(singular.reduce((sum, s) => sum + s * s, 0))
    const moved = singular.map((s) => quintic(s / norm))
    for (const s of moved) assert.ok(s > 0.6 && s < 1.3, `${s}`)
    const expected = matrixOf(moved, rows, columns)
    const weights = new Float32Array(rows * columns)
    const optimiser = muon({ weightDecay: 0 })
    optimiser.beginStep()
    await optimiser.step("w", [rows, columns], weights, matrixOf(singular, rows, columns), 0.1)
    const scale = 0.1 * 0.2 * Math.sqrt(Math.max(rows, columns))
    for (const [i, value] of weights.entries())
      assert.ok(Math.abs(value + scale * (expected[i] as number)) < 1e-6, `${i}: ${value}`)
  })

test("a convolution's kernel is a matrix of its outputs by all the rest", async () => {
  const gradient = matrixOf([2, 1, 0.4], 3, 18)
  const [kernel, matrix] = [new Float32Array(54), new Float32Array(54)]
  for (const [shape, weights] of [
    [[3, 2, 3, 3], kernel],
    [[3, 18], matrix],
  ] as const) {
    const optimiser = muon()
    optimiser.beginStep()
    await optimiser.step("w", shape, weights, gradient, 0.1)
  }
  assert.deepEqual(kernel, matrix)
})

test("a training taken up with the stored state goes on to the same bytes", async () => {
  const gradients = [1, 2, 3, 4].map((k) => matrixOf([k, 1, 1 / k], 3, 5))
  const train = async (weights: Float32Array, optimiser: Muon, from: number, to: number) => {
    for (const gradient of gradients.slice(from, to)) {
      optimiser.beginStep()
      await optimiser.step("w", [3, 5], weights, gradient, 0.02)
    }
  }
  const [whole, resumed] = [matrixOf([1, 1, 1], 3, 5), matrixOf([1, 1, 1], 3, 5)]
  await train(whole, muon(), 0, 4)
  const [first, second] = [muon(), muon()]
  await train(resumed, first, 0, 2)
  second.restore(first.state())
  await train(resumed, second, 2, 4)
  assert.equal(second.stepCount, 4)
  assert.deepEqual(resumed, whole)
})

test("another optimiser's state, other lengths and a step before the first begin are refused", async () => {
  const [weights, gradient] = [new Float32Array(6), new Float32Array(6)]
  await assert.rejects(muon().step("w", [2, 3], weights, gradient, 0.1), /beginStep/)
  const optimiser = muon()
  optimiser.beginStep()
  await assert.rejects(optimiser.step("w", [2, 3], weights, new Float32Array(5), 0.1), /6 weights, 5 gradients/)
  const state = optimiser.state()
  state.set("w.exp_avg", { dataType: "F32", shape: [6], data: gradient })
  assert.throws(() => optimiser.restore(state), /w\.exp_avg.*momentum/)
})
