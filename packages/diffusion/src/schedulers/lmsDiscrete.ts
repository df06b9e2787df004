import type { SchedulerConfig } from "./config.ts"
import { type Scheduler, weightedSum } from "./scheduler.ts"
import { derivative, SigmaSpace } from "./sigmaSpace.ts"

const order = 4

/** Integral over the step of the Lagrange polynomial of the slope made `back` steps ago, `count` slopes being known. */
function coefficient(sigmas: Float32Array, index: number, count: number, back: number): number {
  const node = (k: number) => sigmas[index - k] as number
  const polynomial = (tau: number) => {
    let product = 1
    for (let k = 0; k < count; k++) if (k !== back) product *= (tau - node(k)) / (node(back) - node(k))
    return product
  }
  const [from, to] = [node(0), node(-1)]
  // Simpson's rule is exact for the cubic that four slopes give.
  return ((to - from) / 6) * (polynomial(from) + 4 * polynomial((from + to) / 2) + polynomial(to))
}

/** Linear multistep method, as in k-diffusion; diffusers' scheduling_lms_discrete.py. */
export function lmsDiscreteScheduler(config: SchedulerConfig): Scheduler {
  const space = new SigmaSpace(config)
  const { table } = space
  let slopes: Float32Array[] = []
  const setTimesteps = (n: number) => {
    const { timesteps, sigmas } = space.schedule(n)
    table.reset(timesteps, [...sigmas, 0])
    slopes = []
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
    step(modelOutput, timestep, sample) {
      const index = table.current(timestep)
      const sigma = table.at(index)
      const slope = derivative(sample, space.predictOriginal(modelOutput, sample, sigma), sigma)
      slopes = [slope, ...slopes].slice(0, order)
      // A run started in the middle has fewer slopes than its index would allow.
      const count = Math.min(index + 1, order)
      const terms = slopes
        .slice(0, count)
        .map((values, back) => [coefficient(table.sigmas, index, count, back), values] as const)
      table.advance()
      return weightedSum([1, sample], ...terms)
    },
    order: 1,
    beginAt: (index) => table.beginAt(index),
    addNoise: (original, noise, timesteps) => space.addNoise(original, noise, timesteps),
  }
}
