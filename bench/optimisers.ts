/**
 * What an optimiser step costs per weight: nanoseconds, and the ratio to plainly copying the same arrays in the same
 * run, which is what moving their bytes costs at least on this machine. One thread but where said; the best of several rounds.
 * Run: node bench/optimisers.ts [elements in millions]
 */
import { AdamW } from "../packages/engine/src/optimisers/adamW.ts"
import { AdamW8bit } from "../packages/engine/src/optimisers/adamW8bit.ts"
import { sumOfSquares } from "../packages/engine/src/optimisers/clipByGlobalNorm.ts"
import { shared } from "../packages/engine/src/optimisers/threads.ts"

const elements = Math.round(Number(process.argv[2] ?? 16.8) * 1e6)
const rounds = 4

const weights = shared(new Float32Array(elements))
const gradient = new Float32Array(elements)
let seed = 1
for (let i = 0; i < elements; i++) {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  weights[i] = seed / 2 ** 32 - 0.5
  gradient[i] = (((seed >>> 8) ^ (seed << 3)) >>> 0) / 2 ** 40 - 2 ** -9
}

function nanosecondsPerWeight(work: () => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    work()
    best = Math.min(best, performance.now() - start)
  }
  return (best * 1e6) / elements
}

const first = new Float32Array(elements)
const second = new Float32Array(elements)
const target = new Float32Array(elements)
const copy = nanosecondsPerWeight(() => {
  for (const source of [weights, gradient, first, second]) target.set(source)
})
const measured: [string, number][] = [["copy of 4 float32 arrays", copy]]
for (const [label, optimiser] of [
  ["AdamW", new AdamW()],
  ["AdamW, two threads", new AdamW({ threads: 2 })],
  ["AdamW 8-bit", new AdamW8bit()],
  ["AdamW 8-bit, two threads", new AdamW8bit({ threads: 2 })],
] as const) {
  const nanoseconds = nanosecondsPerWeight(() => {
    optimiser.beginStep()
    optimiser.step("weight", weights, gradient, 1e-6)
  })
  measured.push([label, nanoseconds])
}
measured.push(["sum of squares (clipping)", nanosecondsPerWeight(() => void sumOfSquares(gradient))])
console.log(`${elements} weights, best of ${rounds}`)
for (const [label, nanoseconds] of measured) {
  console.log(
    `${label.padEnd(28)}${nanoseconds.toFixed(2).padStart(7)} ns/weight ${(nanoseconds / copy).toFixed(1).padStart(6)} x copy`,
  )
}
