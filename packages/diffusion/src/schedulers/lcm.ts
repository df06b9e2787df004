import { alphaSpace, byTimestep, predictions } from "./alphaSpace.ts"
import type { SchedulerConfig } from "./config.ts"
import { atTimestep, type TrainingScheduler, weightedSum } from "./scheduler.ts"
import { constrain } from "./thresholding.ts"
import { checkStepCount } from "./timestepSpacing.ts"

const float32 = Math.fround

/** The standard deviation of the data that consistency models assume. */
const dataDeviation = 0.5

/**
 * Latent consistency models (Luo et al., arXiv 2310.04378), for models and LoRAs distilled for it; diffusers'
 * scheduling_lcm.py. Noise is drawn at every step but the last.
 */
export function lcmScheduler(config: SchedulerConfig): TrainingScheduler {
  const { alphas, descending, noising } = alphaSpace(config)
  const { originalInferenceSteps: originalSteps, numTrainTimesteps } = config
  let timesteps = descending

  return {
    ...noising,
    ...byTimestep,
    initNoiseSigma: 1,
    get timesteps() {
      return timesteps
    },
    setTimesteps(n) {
      checkStepCount(n, config)
      if (n > originalSteps)
        throw new RangeError(
          `LCMScheduler: ${n} steps are more than the ${originalSteps} it was distilled from; use a few, such as 4.`,
        )
      const stride = Math.floor(numTrainTimesteps / originalSteps)
      const learnt = Array.from({ length: originalSteps }, (_, i) => (originalSteps - i) * stride - 1)
      timesteps = Float64Array.from({ length: n }, (_, i) => learnt[Math.floor(i * (originalSteps / n))] ?? 0)
    },
    step(modelOutput, timestep, sample, noise, options = {}) {
      const next = timesteps[timesteps.indexOf(timestep) + 1]
      const { original } = predictions(config.predictionType, modelOutput, sample, atTimestep(alphas, timestep))
      const scaled = timestep * config.timestepScaling
      const skip = dataDeviation ** 2 / (scaled ** 2 + dataDeviation ** 2)
      const out = scaled / Math.sqrt(scaled ** 2 + dataDeviation ** 2)
      const denoised = weightedSum([out, constrain(original, config, options)], [skip, sample])
      if (next === undefined) return denoised
      const alpha = atTimestep(alphas, next)
      return weightedSum([Math.sqrt(alpha), denoised], [Math.sqrt(float32(1 - alpha)), noise()])
    },
  }
}
