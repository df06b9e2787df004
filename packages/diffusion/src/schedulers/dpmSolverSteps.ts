/** What the multistep and the singlestep DPM-Solver have in common. */

import type { SchedulerConfig } from "./config.ts"
import { type StepOptions, weightedSum } from "./scheduler.ts"
import { type NoiseLevel, noiseLevel, type SolverSpace } from "./solverSpace.ts"

/** How many training timesteps are too noisy for lambdaMinClipped. */
export function clippedTimesteps(alphas: Float32Array, { lambdaMinClipped }: SchedulerConfig): number {
  return alphas.filter((alpha) => noiseLevel(Math.sqrt((1 - alpha) / alpha)).lambda < lambdaMinClipped).length
}

/** The model's output as the algorithm wants it: x0 or noise, thresholded where the options ask for it. */
export function convertOutput(
  space: SolverSpace,
  config: SchedulerConfig,
  predictsOriginal: boolean,
  output: Float32Array,
  sample: Float32Array,
  level: NoiseLevel,
  options: StepOptions,
): Float32Array {
  if (predictsOriginal) return space.predictOriginal(output, sample, level, options)
  const noise = space.predictNoise(output, sample, level)
  if (!config.thresholding) return noise
  const original = weightedSum([1 / level.alpha, sample], [-level.sigma / level.alpha, noise])
  const limited = space.threshold(original, options)
  return weightedSum([1 / level.sigma, sample], [-level.alpha / level.sigma, limited])
}

/** Factors of sample, D0, D1, D2 and the noise in one step; the papers' update formulas, algorithm by algorithm. */
export function stepFactors(
  algorithm: Exclude<SchedulerConfig["algorithmType"], "deis">,
  t: NoiseLevel,
  s: NoiseLevel,
  h: number,
) {
  const { exp, sqrt, expm1 } = Math
  if (algorithm === "dpmsolver++") {
    const e = expm1(-h)
    return {
      sample: t.sigma / s.sigma,
      d0: -t.alpha * e,
      d1: t.alpha * (e / h + 1),
      d2: -t.alpha * ((e + h) / h ** 2 - 0.5),
      noise: 0,
    }
  }
  if (algorithm === "dpmsolver") {
    const e = expm1(h)
    return {
      sample: t.alpha / s.alpha,
      d0: -t.sigma * e,
      d1: -t.sigma * (e / h - 1),
      d2: -t.sigma * ((e - h) / h ** 2 - 0.5),
      noise: 0,
    }
  }
  if (algorithm === "sde-dpmsolver++") {
    const e = -expm1(-2 * h)
    return {
      sample: (t.sigma / s.sigma) * exp(-h),
      d0: t.alpha * e,
      d1: t.alpha * (e / (-2 * h) + 1),
      d2: t.alpha * ((e - 2 * h) / (2 * h) ** 2 - 0.5),
      noise: t.sigma * sqrt(e),
    }
  }
  const e = expm1(h)
  return {
    sample: t.alpha / s.alpha,
    d0: -2 * t.sigma * e,
    d1: -2 * t.sigma * (e / h - 1),
    d2: 0,
    noise: t.sigma * sqrt(expm1(2 * h)),
  }
}
