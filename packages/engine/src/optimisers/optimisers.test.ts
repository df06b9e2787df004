import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { readTensors } from "../weights/safetensors.ts"
import { writeSafetensors } from "../weights/writeSafetensors.ts"
import { AdamW } from "./adamW.ts"
import { AdamW8bit } from "./adamW8bit.ts"
import { blockSize, createDynamicMap, dequantise, quantise } from "./dynamicQuantisation.ts"
import type { Optimiser } from "./optimiser.ts"

/** Uniform in (-scale, scale), the same on every run. */
function noise(length: number, scale: number, seed: number): Float32Array {
  let state = seed
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state / 2 ** 31 - 1) * scale
  })
}

const options = { betas: [0.8, 0.95], epsilon: 1e-6, weightDecay: 0.1 } as const

/** PyTorch's _single_tensor_adamw, operation by operation, each rounded to float32. */
function referenceAdamW(weights: Float32Array, gradients: Float32Array[], learningRate: number): void {
  const round = Math.fround
  const [beta1, beta2] = options.betas
  const m = new Float32Array(weights.length)
  const v = new Float32Array(weights.length)
  gradients.forEach((gradient, index) => {
    const t = index + 1
    for (let i = 0; i < weights.length; i++) {
      const g = gradient[i] as number
      const before = m[i] as number
      const decayed = round((weights[i] as number) * round(1 - learningRate * options.weightDecay))
      m[i] = before + round(round(1 - beta1) * round(g - before))
      v[i] = round((v[i] as number) * round(beta2)) + round(round(1 - beta2) * round(g * g))
      const root = round(Math.sqrt(v[i] as number))
      const denominator = round(round(root / round(Math.sqrt(1 - beta2 ** t))) + round(options.epsilon))
      const step = round(-learningRate / (1 - beta1 ** t))
      weights[i] = decayed + round(round(step * (m[i] as number)) / denominator)
    }
  })
}

test("AdamW follows PyTorch's operations within 1e-6", () => {
  const weights = noise(1000, 1, 1)
  const expected = weights.slice()
  const gradients = Array.from({ length: 20 }, (_, i) => noise(1000, 10 ** -(i % 5), i + 2))
  const optimiser = new AdamW(options)
  for (const gradient of gradients) {
    optimiser.beginStep()
    optimiser.step("w", weights, gradient, 0.01)
  }
  referenceAdamW(expected, gradients, 0.01)
  weights.forEach((weight, i) => {
    assert.ok(Math.abs(weight - (expected[i] as number)) <= 1e-6, `weight ${i}: ${weight}, wanted ${expected[i]}`)
  })
})

test("the first step of AdamW moves each weight by the learning rate against its gradient", () => {
  for (const optimiser of [new AdamW({ weightDecay: 0 }), new AdamW8bit({ weightDecay: 0 })]) {
    const weights = new Float32Array(5000)
    optimiser.beginStep()
    optimiser.step(
      "w",
      weights,
      noise(5000, 1, 3).map((g) => Math.sign(g) * (0.1 + Math.abs(g))),
      0.5,
    )
    for (const weight of weights) assert.ok(Math.abs(Math.abs(weight) - 0.5) < 1e-6)
  }
})

test("8-bit AdamW stays near float32 AdamW", () => {
  const eight = noise(5000, 1, 1)
  const full = eight.slice()
  const start = eight.slice()
  const optimisers: [Optimiser, Float32Array][] = [
    [new AdamW8bit(), eight],
    [new AdamW(), full],
  ]
  for (let step = 0; step < 10; step++) {
    const gradient = noise(5000, 0.1, step + 5)
    for (const [optimiser, weights] of optimisers) {
      optimiser.beginStep()
      optimiser.step("w", weights, gradient, 0.01)
    }
  }
  const distance = (a: Float32Array, b: Float32Array) => Math.hypot(...a.map((x, i) => x - (b[i] as number)))
  assert.ok(distance(eight, full) < 0.1 * distance(full, start))
})

const makers: [string, () => Optimiser][] = [
  ["AdamW", () => new AdamW(options)],
  ["AdamW8bit", () => new AdamW8bit(options)],
]
// One small tensor, one of whole blocks, one with a part of a block; a name with dots and one that looks like a part.
const sizes = { "a.weight": 100, "b.exp_avg": 4096, step: 4500 }

for (const [label, make] of makers) {
  const train = (optimiser: Optimiser, weights: Record<string, Float32Array>, from: number, to: number) => {
    for (let step = from; step < to; step++) {
      optimiser.beginStep()
      for (const [name, array] of Object.entries(weights)) {
        optimiser.step(name, array, noise(array.length, 0.1, step * 7 + array.length), 0.01)
      }
    }
  }
  const start = () => Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, noise(size, 1, size)]))

  test(`${label} saved to a file, restored and continued ends in the same bits`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "fjord-optimiser-"))
    try {
      const whole = start()
      train(make(), whole, 0, 6)
      const split = start()
      const first = make()
      train(first, split, 0, 3)
      const path = join(folder, "optimiser.safetensors")
      await writeSafetensors(
        path,
        first
          .state()
          .entries()
          .map(([name, tensor]) => ({ name, ...tensor })),
      )
      const second = make()
      second.restore(await readTensors(path))
      assert.equal(second.stepCount, 3)
      train(second, split, 3, 6)
      assert.deepEqual(split, whole)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test(`${label} restores copies and refuses damaged state, keeping its own`, () => {
    const optimiser = make()
    train(optimiser, start(), 0, 1)
    const state = optimiser.state()
    const other = make()
    other.restore(state)
    train(optimiser, start(), 1, 2)
    assert.notDeepEqual(other.state(), optimiser.state())
    const kept = other.state()
    for (const key of state.keys()) {
      const damaged = new Map(state)
      damaged.delete(key)
      if (key !== "step") damaged.set(key, { dataType: "I8", shape: [1], data: new Int8Array(1) })
      assert.throws(() => other.restore(damaged), RangeError, key)
    }
    assert.throws(() => other.restore(new Map(state).set("x", { dataType: "U8", shape: [0], data: new Uint8Array() })))
    assert.deepEqual(other.state(), kept)
  })

  test(`${label} refuses unequal lengths and a step before the first beginStep`, () => {
    const optimiser = make()
    assert.throws(() => optimiser.step("w", new Float32Array(2), new Float32Array(2), 1), /beginStep/)
    optimiser.beginStep()
    assert.throws(() => optimiser.step("w", new Float32Array(2), new Float32Array(3), 1), /"w" has 2 weights, 3/)
    optimiser.step("w", new Float32Array(2), new Float32Array(2), 1)
    assert.throws(() => optimiser.step("w", new Float32Array(3), new Float32Array(3), 1), /state for 2/)
  })
}

test("8-bit AdamW needs about two bytes per weight, and weights without gradients do not move", () => {
  const optimiser = new AdamW8bit({ weightDecay: 0 })
  const weights = noise(8192, 1, 9)
  const before = weights.slice()
  for (let step = 0; step < 2; step++) {
    optimiser.beginStep()
    optimiser.step("w", weights, new Float32Array(8192), 0.1)
  }
  assert.deepEqual(weights, before)
  const bytes = [...optimiser.state()].reduce((sum, [key, { data }]) => sum + (key === "step" ? 0 : data.byteLength), 0)
  assert.equal(bytes, optimiser.bytesPerParameter * 8192)
})

test("quantisation finds the nearest code, the lower one of two equally near", () => {
  for (const signed of [true, false]) {
    const map = createDynamicMap(signed)
    const codebook = [...map.values]
    // Codes, middles, their float32 neighbours and noise of all sizes; in blocks that contain 1, so that they are divided by 1.
    const middles = codebook.slice(1).map((value, i) => Math.fround((value + (codebook[i] as number)) / 2))
    const exact = new Float32Array([...codebook, ...middles])
    const near = [-1, 1].flatMap((step) => [
      ...new Float32Array(new Int32Array(exact.buffer).map((bits) => bits + step).buffer),
    ])
    const random = Array.from({ length: 8 }, (_, i) => [...noise(200, 10 ** -i, i)]).flat()
    const candidates = [...exact, ...near, ...random].filter((x) => Math.abs(x) <= 1 && (signed || x >= 0))
    const blocks: number[] = []
    for (const value of candidates) blocks.push(...(blocks.length % blockSize === 0 ? [1, value] : [value]))
    const { codes } = quantise(new Float32Array(blocks), map)
    blocks.forEach((value, i) => {
      let best = 0
      for (let code = 1; code < 256; code++) {
        const distance = Math.abs(Math.fround(value - (codebook[code] as number)))
        if (distance < Math.abs(Math.fround(value - (codebook[best] as number)))) best = code
      }
      if (codes[i] !== best) assert.fail(`${value}: code ${codes[i]}, wanted ${best}`)
    })
  }
})

test("what was dequantised quantises to the same codes, zeros to zeros", () => {
  // Unsigned: the signed codebook has 1 but not -1, as bitsandbytes' has, so a negative extreme shrinks.
  const map = createDynamicMap(false)
  const first = quantise(noise(1000, 3, 4).map(Math.abs), map)
  assert.deepEqual(quantise(dequantise(first.codes, first.absmax, map), map), first)
  const zeros = quantise(new Float32Array(300), map)
  assert.deepEqual(zeros.absmax, new Float32Array([1, 1]))
  assert.deepEqual(dequantise(zeros.codes, zeros.absmax, map), new Float32Array(300))
})
