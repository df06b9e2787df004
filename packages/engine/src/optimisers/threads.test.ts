import assert from "node:assert/strict"
import { test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { Worker } from "node:worker_threads"
import { AdamW } from "./adamW.ts"
import { AdamW8bit } from "./adamW8bit.ts"
import { adamWStep } from "./adamWUpdate.ts"
import { adamWDefaults } from "./optimiser.ts"
import { runUpdate, type SharedUpdate, shared } from "./threads.ts"

/** Chunks of 65,536 and a rest that ends within a block. */
const length = 2 * 65_536 + 1_000
const noise = (seed: number) => Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed))

for (const [label, Optimiser] of [
  ["AdamW", AdamW],
  ["AdamW8bit", AdamW8bit],
] as const)
  test(`${label} ends in the same bits on one thread and on three`, () => {
    const train = (threads: number) => {
      const optimiser = new Optimiser({ threads })
      const weights = shared(noise(0))
      for (let step = 1; step <= 3; step++) {
        optimiser.beginStep()
        optimiser.step("w", weights, noise(step), 0.01)
      }
      return { weights, state: optimiser.state() }
    }
    assert.deepEqual(train(3), train(1))
  })

test("a helping thread does an update by itself, to the bits of the one that waits", async () => {
  const by = adamWStep(adamWDefaults, 1, 0.01)
  const fresh = () => ({
    kind: "AdamW" as const,
    weights: shared(noise(0)),
    gradient: shared(noise(1)),
    moments: { first: shared(new Float32Array(length)), second: shared(new Float32Array(length)) },
    by,
  })
  const [update, expected] = [fresh(), fresh()]
  runUpdate(expected, 1)
  const counters = new Int32Array(new SharedArrayBuffer(8))
  const worker = new Worker(new URL("./updateWorker.ts", import.meta.url))
  worker.postMessage({ update, counters } satisfies SharedUpdate)
  while (Atomics.load(counters, 1) < 3) await sleep(5)
  await worker.terminate()
  assert.deepEqual(update, expected)
})
