import { UnsupportedError } from "../unsupported.ts"
import type { SchedulerConfig } from "./config.ts"
import { type Scheduler, weightedSum } from "./scheduler.ts"
import { derivative, SigmaSpace } from "./sigmaSpace.ts"

/** Euler's method with ancestral noise, as in k-diffusion; diffusers' scheduling_euler_ancestral_discrete.py. */
export function eulerAncestralDiscreteScheduler(config: SchedulerConfig): Scheduler {
  if (config.predictionType === "sample") {
    throw new UnsupportedError(
      'EulerAncestralDiscreteScheduler: predictionType "sample" is not defined; use "epsilon" or "v_prediction".',
    )
  }
  const space = new SigmaSpace(config)
  const { table } = space

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
    setTimesteps(n) {
      const { timesteps, sigmas } = space.schedule(n)
      table.reset(timesteps, [...sigmas, 0])
    },
    scaleModelInput: (sample, timestep) => space.scaleModelInput(sample, timestep),
    step(modelOutput, timestep, sample, noise) {
      const index = table.current(timestep)
      const [from, to] = [table.at(index), table.at(index + 1)]
      const original = space.predictOriginal(modelOutput, sample, from)
      const up = Math.sqrt((to ** 2 * (from ** 2 - to ** 2)) / from ** 2)
      const down = Math.sqrt(to ** 2 - up ** 2)
      const slope = derivative(sample, original, from)
      table.advance()
      return weightedSum([1, sample], [down - from, slope], [up, noise()])
    },
    order: 1,
    beginAt: (index) => table.beginAt(index),
    addNoise: (original, noise, timesteps) => space.addNoise(original, noise, timesteps),
  }
}
