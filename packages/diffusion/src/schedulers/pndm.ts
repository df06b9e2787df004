import { UnsupportedError } from "../unsupported.ts"
import { alphaSpace, byTimestep } from "./alphaSpace.ts"
import type { SchedulerConfig } from "./config.ts"
import { atTimestep, type Scheduler, weightedSum } from "./scheduler.ts"
import { checkStepCount, wholeTimesteps } from "./timestepSpacing.ts"

const float32 = Math.fround
const order = 4

/** PNDM: Liu et al., arXiv 2202.09778; diffusers' scheduling_pndm.py. n steps make n+1 model calls (PLMS) or more (PRK). */
export function pndmScheduler(config: SchedulerConfig): Scheduler {
  if (config.predictionType === "sample") {
    throw new UnsupportedError(
      'PNDMScheduler: predictionType "sample" is not defined; use "epsilon" or "v_prediction".',
    )
  }
  const { alphas, descending, noising } = alphaSpace(config)
  const finalAlpha = config.setAlphaToOne ? 1 : atTimestep(alphas, 0)
  let timesteps = descending
  let stride = 1
  let warmUp: number[] = []
  let calls = 0
  let history: Float32Array[] = []
  let accumulated: Float32Array | null = null
  let held: Float32Array | null = null

  /** Equation 9 of the paper: from `timestep` to `previous` along the noise `output`. */
  function transfer(sample: Float32Array, timestep: number, previous: number, output: Float32Array): Float32Array {
    const alpha = atTimestep(alphas, timestep)
    const previousAlpha = previous >= 0 ? atTimestep(alphas, previous) : finalAlpha
    const [sigma2, previousSigma2] = [float32(1 - alpha), float32(1 - previousAlpha)]
    const noise =
      config.predictionType === "v_prediction"
        ? weightedSum([float32(Math.sqrt(alpha)), output], [float32(Math.sqrt(sigma2)), sample])
        : output
    const divisor = alpha * Math.sqrt(previousSigma2) + Math.sqrt(alpha * sigma2 * previousAlpha)
    const factor = float32(previousAlpha - alpha) / divisor
    return weightedSum([Math.sqrt(previousAlpha / alpha), sample], [-factor, noise])
  }

  function stepRungeKutta(output: Float32Array, timestep: number, sample: Float32Array): Float32Array {
    const previous = timestep - (calls % 2 ? 0 : Math.floor(stride / 2))
    const from = warmUp[Math.floor(calls / 4) * 4] ?? timestep
    const phase = calls % 4
    let used = output
    if (phase === 0) {
      history.push(output)
      held = sample
    }
    const weight = phase === 0 || phase === 3 ? 1 / 6 : 1 / 3
    const sum: Float32Array = accumulated
      ? weightedSum([1, accumulated], [weight, output])
      : weightedSum([weight, output])
    accumulated = sum
    if (phase === 3) {
      used = sum
      accumulated = null
    }
    return transfer(held ?? sample, from, previous, used)
  }

  function combine(): Float32Array {
    const [a, b, c, d] = history.toReversed()
    if (a === undefined) throw new Error("PNDMScheduler: step was called before setTimesteps; call setTimesteps first.")
    if (b === undefined) return a
    if (c === undefined) return weightedSum([3 / 2, a], [-1 / 2, b])
    if (d === undefined) return weightedSum([23 / 12, a], [-16 / 12, b], [5 / 12, c])
    return weightedSum([55 / 24, a], [-59 / 24, b], [37 / 24, c], [-9 / 24, d])
  }

  function stepMultistep(output: Float32Array, timestep: number, sample: Float32Array): Float32Array {
    if (calls === 1) {
      // The second call corrects the first: back to where it started, with the mean of both outputs.
      const [first] = history
      const start = held
      if (first !== undefined && start !== null) {
        held = null
        return transfer(start, timestep + stride, timestep, weightedSum([0.5, output], [0.5, first]))
      }
    }
    history = [...history.slice(-3), output]
    if (history.length === 1 && calls === 0) held = sample
    return transfer(sample, timestep, timestep - stride, combine())
  }

  return {
    addNoise: noising.addNoise,
    ...byTimestep,
    initNoiseSigma: 1,
    get timesteps() {
      return timesteps
    },
    setTimesteps(n) {
      checkStepCount(n, config)
      stride = Math.floor(config.numTrainTimesteps / n)
      const ascending = wholeTimesteps(n, config).reverse()
      const multistep = config.skipPrkSteps
        ? [...ascending.slice(0, -1), ...ascending.slice(-2, -1), ...ascending.slice(-1)].reverse()
        : ascending.slice(0, -3).reverse()
      // Runge-Kutta visits each of the last four timesteps, the point midway, and each of these twice but for the ends.
      warmUp = config.skipPrkSteps
        ? []
        : ascending
            .slice(-order)
            .flatMap((t) => [t, t + Math.floor(stride / 2)])
            .slice(0, -1)
            .flatMap((t) => [t, t])
            .slice(1, -1)
            .reverse()
      timesteps = Float64Array.from([...warmUp, ...multistep])
      calls = 0
      history = []
      accumulated = null
      held = null
    },
    step(modelOutput, timestep, sample) {
      const run = calls < warmUp.length ? stepRungeKutta : stepMultistep
      const next = run(modelOutput, timestep, sample)
      calls++
      return next
    },
  }
}
