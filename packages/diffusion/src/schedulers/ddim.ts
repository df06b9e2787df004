import { alphaSpace, byTimestep, predictions } from "./alphaSpace.ts"
import type { SchedulerConfig } from "./config.ts"
import { atTimestep, type TrainingScheduler, weightedSum } from "./scheduler.ts"
import { constrain } from "./thresholding.ts"
import { checkStepCount, wholeTimesteps } from "./timestepSpacing.ts"

const float32 = Math.fround

/** DDIM: Song et al., arXiv 2010.02502, equation 12; diffusers' scheduling_ddim.py. Noise is drawn where eta > 0. */
export function ddimScheduler(config: SchedulerConfig): TrainingScheduler {
  const { alphas, descending, noising } = alphaSpace(config)
  const finalAlpha = config.setAlphaToOne ? 1 : atTimestep(alphas, 0)
  let timesteps = descending
  let stride = 1

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
      stride = Math.floor(config.numTrainTimesteps / n)
    },
    step(modelOutput, timestep, sample, noise, options = {}) {
      const eta = options.eta ?? 0
      const previous = timestep - stride
      const alpha = atTimestep(alphas, timestep)
      const previousAlpha = previous >= 0 ? atTimestep(alphas, previous) : finalAlpha
      const predicted = predictions(config.predictionType, modelOutput, sample, alpha)
      const original = constrain(predicted.original, config, options)
      const previousSigma2 = float32(1 - previousAlpha)
      const ratio = float32(previousSigma2 / float32(1 - alpha))
      const variance = float32(ratio * float32(1 - float32(alpha / previousAlpha)))
      const deviation = float32(eta * float32(Math.sqrt(variance)))
      // Rounded as in PyTorch: where nothing but noise is left, rounding decides whether the root is of a negative number.
      const direction = Math.sqrt(float32(previousSigma2 - float32(deviation * deviation)))
      const mean = weightedSum([Math.sqrt(previousAlpha), original], [direction, predicted.noise])
      return eta > 0 ? weightedSum([1, mean], [deviation, noise()]) : mean
    },
  }
}
