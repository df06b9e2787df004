import type { SchedulerConfig } from "./config.ts"
import { type Scheduler, weightedSum } from "./scheduler.ts"
import { derivative, SigmaSpace } from "./sigmaSpace.ts"
import { constrain } from "./thresholding.ts"

/** Heun's method: Karras et al., arXiv 2206.00364, algorithm 1; diffusers' scheduling_heun_discrete.py. 2n-1 model calls. */
export function heunDiscreteScheduler(config: SchedulerConfig): Scheduler {
  const space = new SigmaSpace(config)
  const { table } = space
  /** The first half of the step being made; null between steps. */
  let half: { slope: Float32Array; stride: number; sample: Float32Array } | null = null
  const setTimesteps = (n: number) => {
    const { timesteps, sigmas } = space.schedule(n)
    const twice = (values: number[]) => values.slice(1).flatMap((value) => [value, value])
    table.reset([...timesteps.slice(0, 1), ...twice(timesteps)], [...sigmas.slice(0, 1), ...twice(sigmas), 0])
    half = null
  }
  setTimesteps(config.numTrainTimesteps)

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
    scaleModelInput: (sample, timestep) => space.scaleModelInput(sample, timestep),
    step(modelOutput, timestep, sample, _noise, options = {}) {
      const index = table.current(timestep)
      const sigma = table.at(index)
      const original = constrain(space.predictOriginal(modelOutput, sample, sigma), config, options)
      const slope = derivative(sample, original, sigma)
      table.advance()
      if (half === null) {
        const stride = Math.fround(table.at(index + 1) - sigma)
        half = { slope, stride, sample }
        return weightedSum([1, sample], [stride, slope])
      }
      const start = half
      half = null
      const mean = slope.map((value, i) => Math.fround((start.slope[i] as number) + value) / 2)
      return weightedSum([1, start.sample], [start.stride, mean])
    },
    order: 2,
    beginAt: (index) => table.beginAt(index),
    addNoise: (original, noise, timesteps) => space.addNoise(original, noise, timesteps),
  }
}
