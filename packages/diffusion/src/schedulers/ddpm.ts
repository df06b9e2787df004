import { alphaSpace, byTimestep, predictions } from "./alphaSpace.ts"
import type { SchedulerConfig } from "./config.ts"
import { atTimestep, type TrainingScheduler, weightedSum } from "./scheduler.ts"
import { constrain } from "./thresholding.ts"
import { checkStepCount, wholeTimesteps } from "./timestepSpacing.ts"

const float32 = Math.fround

/** DDPM: Ho et al., arXiv 2006.11239; diffusers' scheduling_ddpm.py. The scheduler of training. */
export function ddpmScheduler(config: SchedulerConfig): TrainingScheduler {
  const { alphas, descending, noising } = alphaSpace(config)
  let timesteps = descending

  function standardDeviation(alpha: number, previousAlpha: number, beta: number): number {
    const variance = Math.max(float32((float32(1 - previousAlpha) / float32(1 - alpha)) * beta), 1e-20)
    if (config.varianceType === "fixed_large") return Math.sqrt(beta)
    // diffusers takes the root of the logarithm here, which is not a number; kept, as nothing can have been trained with it.
    if (config.varianceType === "fixed_large_log") return Math.sqrt(Math.log(beta))
    return Math.sqrt(variance)
  }

  return {
    ...noising,
    ...byTimestep,
    initNoiseSigma: 1,
    get timesteps() {
      return timesteps
    },
    setTimesteps(n) {
      checkStepCount(n, config)
      timesteps = Float64Array.from(wholeTimesteps(n, config))
    },
    step(modelOutput, timestep, sample, noise, options = {}) {
      const previous = timesteps[timesteps.indexOf(timestep) + 1] ?? -1
      const alpha = atTimestep(alphas, timestep)
      const previousAlpha = previous >= 0 ? atTimestep(alphas, previous) : 1
      const ratio = float32(alpha / previousAlpha)
      const beta = float32(1 - ratio)
      const sigma2 = float32(1 - alpha)
      const predicted = predictions(config.predictionType, modelOutput, sample, alpha).original
      const original = constrain(predicted, config, options)
      const originalFactor = (Math.sqrt(previousAlpha) * beta) / sigma2
      const sampleFactor = (Math.sqrt(ratio) * float32(1 - previousAlpha)) / sigma2
      if (timestep <= 0) return weightedSum([originalFactor, original], [sampleFactor, sample])
      const deviation = standardDeviation(alpha, previousAlpha, beta)
      return weightedSum([originalFactor, original], [sampleFactor, sample], [deviation, noise()])
    },
  }
}
