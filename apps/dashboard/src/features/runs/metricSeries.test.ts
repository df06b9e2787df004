import assert from "node:assert/strict"
import { test } from "node:test"
import { appendMeasured, continued, emptySeries, judgeLearning, smooth, thin } from "./metricSeries.ts"

test("a run that goes back to a checkpoint overwrites what came after it", () => {
  const series = emptySeries()
  appendMeasured(
    series,
    [1, 2, 3, 4].map((step) => ({ step, loss: step })),
  )
  appendMeasured(series, [{ step: 3, loss: 30 }])
  assert.deepEqual(series.steps, [1, 2, 3])
  assert.deepEqual(series.columns.loss, [1, 2, 30])
  assert.deepEqual(series.columns.priorLoss, [null, null, null])
})

test("smoothing leaves a constant line where it is, from its first point on", () => {
  assert.deepEqual(
    smooth([2, 2, null, 2], [1, 2, 3, 4], 0.9).map((value) => value && Math.round(value * 1e9) / 1e9),
    [2, 2, null, 2],
  )
  assert.deepEqual(smooth([1, 3], [1, 2], 0), [1, 3])
})

test("a part of a run with more of its steps is smoothed no less than the rest", () => {
  const steps = [...Array.from({ length: 100 }, (_, i) => i * 20), ...Array.from({ length: 100 }, (_, i) => 1981 + i)]
  const smoothed = smooth(
    steps.map((step) => (step < 1981 ? 1 : 2)),
    steps,
    0.9,
  )
  // After 100 steps, about 10 of the mean distance, the line is on its way but has not forgotten.
  const last = Number(smoothed.at(-1))
  assert.ok(last > 1.5 && last < 1.75, `${last}`)
})

test("steps that come after others go on from them, and replace those that are there already", () => {
  const known = [
    { step: 1, loss: 1 },
    { step: 2, loss: 2 },
    { step: 3, loss: 3 },
  ]
  assert.deepEqual(
    continued(known, [
      { step: 3, loss: 4 },
      { step: 4, loss: 5 },
    ]).map(({ loss }) => loss),
    [1, 2, 4, 5],
  )
})

test("a page that stays open keeps the shape of a long run in bounded memory", () => {
  const series = emptySeries()
  for (let from = 1; from <= 100_000; from += 50)
    appendMeasured(
      series,
      Array.from({ length: 50 }, (_, i) => ({ step: from + i, loss: from + i })),
    )
  assert.ok(series.steps.length <= 10_000 && series.steps.length >= 5_000)
  assert.ok((series.steps[0] ?? 0) < 50)
  assert.equal(series.steps.at(-1), 100_000)
  assert.deepEqual(series.columns.loss, series.steps)
  assert.equal(series.columns.gradNorm.length, series.steps.length)
})

test("a thinned line keeps every peak and the last point", () => {
  const steps = Array.from({ length: 100_000 }, (_, i) => i)
  const values = steps.map((step) => (step === 77_777 ? 50 : step === 12_345 ? -50 : 1))
  const [x = [], y = []] = thin([values], steps, undefined, 500)
  assert.ok(x.length <= 2_000)
  assert.equal(Math.max(...y.map(Number)), 50)
  assert.equal(Math.min(...y.map(Number)), -50)
  assert.equal(x.at(-1), 99_999)
  assert.deepEqual(
    [...x].sort((a, b) => Number(a) - Number(b)),
    x,
  )
})

test("zooming shows every point where few are left", () => {
  const steps = Array.from({ length: 10_000 }, (_, i) => i)
  const [x = []] = thin([steps], steps, [100, 110], 500)
  assert.deepEqual(x.slice(0, 3), [99, 100, 101])
  assert.ok(x.length <= 16)
})

test("learning is judged by how the loss moves", () => {
  const judged = (losses: number[]) => {
    const series = emptySeries()
    appendMeasured(
      series,
      losses.map((loss, index) => ({ step: index + 1, loss })),
    )
    return judgeLearning(series).tone
  }
  const line = (from: number, to: number) => Array.from({ length: 30 }, (_, i) => from + ((to - from) * i) / 29)
  assert.equal(judged(line(1, 0.5)), "good")
  assert.equal(judged(line(0.2, 0.2)), "flat")
  assert.equal(judged(line(0.2, 2)), "bad")
  assert.equal(judged([1, 0.9]), "early")
  assert.equal(judged([...line(1, 0.5), Number.NaN]), "bad")
})
