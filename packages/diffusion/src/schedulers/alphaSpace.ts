import { alphasCumprod, makeBetas, signalToNoise } from "./betas.ts"
import type { SchedulerConfig } from "./config.ts"
import {
  atTimestep,
  difference,
  type Scheduler,
  type TrainingScheduler,
  weightedRows,
  weightedSum,
} from "./scheduler.ts"

const float32 = Math.fround

/** The noise process of the schedulers in timestep space: x_t = sqrt(alpha) x0 + sqrt(1 - alpha) noise. */
export interface AlphaSpace {
  /** Cumulated alphas, one for each training timestep. */
  readonly alphas: Float32Array
  readonly descending: Float64Array
  readonly noising: Pick<TrainingScheduler, "addNoise" | "velocity" | "snr">
}

export function alphaSpace(config: SchedulerConfig): AlphaSpace {
  const alphas = alphasCumprod(makeBetas(config))
  const snrs = signalToNoise(alphas)
  const roots = (timesteps: ArrayLike<number>) => {
    const rows = Array.from(timesteps, (t) => atTimestep(alphas, t))
    return {
      signal: rows.map((alpha) => float32(Math.sqrt(alpha))),
      noise: rows.map((alpha) => float32(Math.sqrt(float32(1 - alpha)))),
    }
  }
  return {
    alphas,
    descending: Float64Array.from(alphas, (_, i) => alphas.length - 1 - i),
    noising: {
      addNoise(original, noise, timesteps) {
        const factors = roots(timesteps)
        return weightedRows(factors.signal, original, factors.noise, noise)
      },
      velocity(original, noise, timesteps) {
        const factors = roots(timesteps)
        return weightedRows(
          factors.signal,
          noise,
          factors.noise.map((factor) => -factor),
          original,
        )
      },
      snr: (timestep) => atTimestep(snrs, timestep),
    },
  }
}

/** Schedulers in timestep space find their place by the timestep alone, and the model sees the sample as it is. */
export const byTimestep: Pick<Scheduler, "order" | "beginAt" | "scaleModelInput"> = {
  order: 1,
  beginAt: () => {},
  scaleModelInput: (sample) => sample,
}

/** The model's idea of x0 and of the noise in `sample`, where x_t = sqrt(alpha) x0 + sqrt(1 - alpha) noise. */
export function predictions(
  type: SchedulerConfig["predictionType"],
  modelOutput: Float32Array,
  sample: Float32Array,
  alpha: number,
): { original: Float32Array; noise: Float32Array } {
  const signal = float32(Math.sqrt(alpha))
  const sigma = float32(Math.sqrt(float32(1 - alpha)))
  if (type === "epsilon") {
    return { original: difference(sample, sigma, modelOutput, signal), noise: modelOutput }
  }
  if (type === "sample") {
    return { original: modelOutput, noise: difference(sample, signal, modelOutput, sigma) }
  }
  return {
    original: weightedSum([signal, sample], [-sigma, modelOutput]),
    noise: weightedSum([signal, modelOutput], [sigma, sample]),
  }
}
