import type { SchedulerConfig } from "./config.ts"
import { type Scheduler, weightedSum } from "./scheduler.ts"
import { sigmaToTimestep } from "./sigmaSchedules.ts"
import { derivative, inputScale, SigmaSpace } from "./sigmaSpace.ts"

const float32 = Math.fround

/**
 * DPM-Solver-2 in k-diffusion's form (Karras et al., arXiv 2206.00364, algorithm 2): a half step in log sigma, then the
 * whole step with the slope found there; diffusers' scheduling_k_dpm_2_discrete.py. 2n-1 model calls.
 */
export function kdpm2DiscreteScheduler(config: SchedulerConfig): Scheduler {
  const space = new SigmaSpace(config)
  const { table, trainingSigmas } = space
  const logSigmas = trainingSigmas.map(Math.log)
  /** The sigma between each and the one before it, doubled as the table's sigmas are. */
  let middles: number[] = []
  /** The sample that the step started from, between its two halves. */
  let start: Float32Array | null = null

  const setTimesteps = (n: number) => {
    const run = space.schedule(n)
    const sigmas = [...run.sigmas.map(float32), 0]
    // Near the end the logarithm is minus infinity, and the sigma between 0.
    const between = sigmas.map((sigma, i) => {
      const before = sigmas.at(i - 1) ?? 0
      return float32(Math.exp((Math.log(sigma) + Math.log(before)) / 2))
    })
    const doubled = (values: number[]) => [
      ...values.slice(0, 1),
      ...values.slice(1).flatMap((value) => [value, value]),
      ...values.slice(-1),
    ]
    const interleaved = run.timesteps.slice(1).flatMap((timestep, i) => {
      return [float32(sigmaToTimestep(between[i + 1] ?? 0, logSigmas)), timestep]
    })
    middles = doubled(between)
    table.reset([...run.timesteps.slice(0, 1), ...interleaved], doubled(sigmas))
    start = null
  }
  setTimesteps(config.numTrainTimesteps)

  const middleAt = (index: number) => middles[index] ?? 0

  return {
    get timesteps() {
      return table.timesteps
    },
    get sigmas() {
      return table.sigmas
    },
    get initNoiseSigma() {
      return space.initNoiseSigma
    },
    setTimesteps,
    scaleModelInput(sample, timestep) {
      const index = table.current(timestep)
      const scale = inputScale(start === null ? table.at(index) : middleAt(index))
      return sample.map((value) => value / scale)
    },
    step(modelOutput, timestep, sample) {
      const index = table.current(timestep)
      table.advance()
      if (start === null) {
        const sigma = table.at(index)
        const slope = derivative(sample, space.predictOriginal(modelOutput, sample, sigma), sigma)
        start = sample
        return weightedSum([1, sample], [middleAt(index + 1) - sigma, slope])
      }
      const [sigma, middle] = [table.at(index - 1), middleAt(index)]
      const slope = derivative(sample, space.predictOriginal(modelOutput, sample, middle), middle)
      const next = weightedSum([1, start], [table.at(index) - sigma, slope])
      start = null
      return next
    },
    order: 2,
    beginAt: (index) => table.beginAt(index),
    addNoise: (original, noise, timesteps) => space.addNoise(original, noise, timesteps),
  }
}
