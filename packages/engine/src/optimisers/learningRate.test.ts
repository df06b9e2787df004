import assert from "node:assert/strict"
import { test } from "node:test"
import { type LearningRateScheduleName, learningRateAt, learningRateSchedules } from "./learningRate.ts"

// Numbers of diffusers 0.40 get_scheduler: base 1e-4, 5 warm-up steps of 40, 2 cycles, power 1.5.
const steps = [0, 3, 5, 10, 22, 39, 40, 44]
const expected: Record<LearningRateScheduleName, number[]> = {
  constant: [1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4],
  constant_with_warmup: [0, 6e-5, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4, 1e-4],
  linear: [0, 0.00006, 0.0001, 0.00008571428571428571, 0.00005142857142857143, 0.0000028571428571428573, 0, 0],
  cosine: [
    0, 0.00006, 0.0001, 0.00009504844339512095, 0.000052243241517525754, 2.012853002380466e-7, 0,
    0.00000318825646801314,
  ],
  cosine_with_restarts: [0, 0.00006, 0.0001, 0.00008117449009293668, 2.012853002380466e-7, 8.035205700685167e-7, 0, 0],
  polynomial: [
    0, 0.00006, 0.0001, 0.00007937665254338106, 0.000036944458605230394, 5.824623431278791e-7, 9.999999999999998e-8,
    9.999999999999998e-8,
  ],
}

const schedule = { learningRate: 1e-4, warmupSteps: 5, trainingSteps: 40, cycles: 2, power: 1.5 }

for (const name of learningRateSchedules) {
  test(`${name} gives diffusers' learning rates, beyond the end too`, () => {
    steps.forEach((step, i) => {
      const actual = learningRateAt({ ...schedule, name }, step)
      assert.ok(Math.abs(actual - (expected[name][i] ?? Number.NaN)) <= 1e-18, `step ${step}: ${actual}`)
    })
  })
}

test("without options there is no warm-up, one cycle and power 1", () => {
  const plain = { learningRate: 1, trainingSteps: 10 }
  assert.equal(learningRateAt({ ...plain, name: "linear" }, 5), 0.5)
  assert.equal(learningRateAt({ ...plain, name: "cosine_with_restarts" }, 0), 1)
  assert.ok(Math.abs(learningRateAt({ ...plain, name: "polynomial" }, 5) - 0.50000005) < 1e-12)
})

test("polynomial refuses a learning rate that is not above its end", () => {
  assert.throws(() => learningRateAt({ learningRate: 1e-7, trainingSteps: 10, name: "polynomial" }, 0), RangeError)
})
