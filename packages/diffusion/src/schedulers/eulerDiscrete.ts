import { linspace32 } from "./betas.ts"
import type { SchedulerConfig } from "./config.ts"
import { type Scheduler, weightedSum } from "./scheduler.ts"
import { derivative, SigmaSpace } from "./sigmaSpace.ts"
import { checkStepCount, fractionalTimesteps } from "./timestepSpacing.ts"

/** Euler's method: Karras et al., arXiv 2206.00364, algorithm 2 without churn; diffusers' scheduling_euler_discrete.py. */
export function eulerDiscreteScheduler(config: SchedulerConfig): Scheduler {
  const space = new SigmaSpace(config)
  const { table, trainingSigmas } = space

  /** n+1 sigmas in equal steps of log sigma over the whole range, whatever the timesteps. */
  function logLinearSchedule(n: number) {
    checkStepCount(n, config)
    const [first, last] = [trainingSigmas[0] ?? 0, trainingSigmas.at(-1) ?? 0]
    const sigmas = [...linspace32(Math.log(last), Math.log(first), n + 1).map(Math.exp)]
    return space.shape(sigmas, fractionalTimesteps(n, config), n)
  }

  const timestepsOf = (timesteps: number[], sigmas: number[]) =>
    config.timestepType === "continuous" && config.predictionType === "v_prediction"
      ? sigmas.map((sigma) => Math.fround(0.25 * Math.fround(Math.log(Math.fround(sigma)))))
      : timesteps
  table.reset(timestepsOf([...table.timesteps], [...table.sigmas.slice(0, -1)]), table.sigmas)

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
      const run = config.interpolationType === "log_linear" ? logLinearSchedule(n) : space.schedule(n)
      const end = config.finalSigmasType === "sigma_min" ? (trainingSigmas[0] ?? 0) : 0
      table.reset(timestepsOf(run.timesteps, run.sigmas), [...run.sigmas, end])
    },
    scaleModelInput: (sample, timestep) => space.scaleModelInput(sample, timestep),
    step(modelOutput, timestep, sample) {
      const index = table.current(timestep)
      const sigma = table.at(index)
      const original = space.predictOriginal(modelOutput, sample, sigma)
      const next = weightedSum([1, sample], [table.at(index + 1) - sigma, derivative(sample, original, sigma)])
      table.advance()
      return next
    },
    order: 1,
    beginAt: (index) => table.beginAt(index),
    addNoise: (original, noise, timesteps) => space.addNoise(original, noise, timesteps),
  }
}
