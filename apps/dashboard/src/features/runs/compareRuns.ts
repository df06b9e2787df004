/** Putting runs beside one another. Pure. */

import { type Measured, type MetricName, smooth } from "./metricSeries.ts"
import type { SampleLike } from "./sampleGrid.ts"

/** One x column of all steps, then each run's smoothed figures at them; null where a run has no such step. */
export function alignRuns(
  runs: readonly (readonly Measured[])[],
  name: MetricName,
  weight: number,
): [number[], ...(number | null)[][]] {
  const steps = [...new Set(runs.flatMap((metrics) => metrics.map(({ step }) => step)))].sort((a, b) => a - b)
  const columns = runs.map((metrics) => {
    const smoothed = smooth(
      metrics.map((measured) => measured[name] ?? null),
      metrics.map(({ step }) => step),
      weight,
    )
    const byStep = new Map(metrics.map(({ step }, index) => [step, smoothed[index] ?? null]))
    return steps.map((step) => byStep.get(step) ?? null)
  })
  return [steps, ...columns]
}

export type DifferingOption = { name: string; values: unknown[] }

/** Options that are not equal in all runs, by name. */
export function differingOptions(runs: readonly Record<string, unknown>[]): DifferingOption[] {
  const names = [...new Set(runs.flatMap((options) => Object.keys(options)))].sort()
  return names
    .map((name) => ({ name, values: runs.map((options) => options[name]) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1)
}

export type SharedSample = { key: string; prompt: string; seed: string; samples: (SampleLike | undefined)[] }

/** For each prompt and seed that two runs at least have: the latest sample of each run. */
export function sharedSamples(runs: readonly (readonly SampleLike[])[]): SharedSample[] {
  const rows = new Map<string, SharedSample>()
  for (const [index, samples] of runs.entries()) {
    for (const sample of samples) {
      const key = `${sample.seed} ${sample.prompt}`
      const row = rows.get(key) ?? {
        key,
        prompt: sample.prompt,
        seed: String(sample.seed),
        samples: runs.map(() => undefined),
      }
      const there = row.samples[index]
      if (there === undefined || there.step < sample.step) row.samples[index] = sample
      rows.set(key, row)
    }
  }
  return [...rows.values()].filter(({ samples }) => samples.filter((sample) => sample !== undefined).length > 1)
}
