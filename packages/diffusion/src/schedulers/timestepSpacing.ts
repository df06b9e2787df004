import type { SchedulerConfig } from "./config.ts"

/** `numpy.round`: halves go to the even neighbour. */
export function roundHalfEven(x: number): number {
  const rounded = Math.round(x)
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

/** `numpy.linspace(start, end, count)`. */
export function linspace(start: number, end: number, count: number): number[] {
  const step = (end - start) / (count - 1)
  return Array.from({ length: count }, (_, i) => (i === 0 ? start : i === count - 1 ? end : i * step + start))
}

/** Throws unless `n` is a number of inference steps that `config` can make. */
export function checkStepCount(n: number, config: SchedulerConfig): void {
  if (!Number.isInteger(n) || n < 1 || n > config.numTrainTimesteps) {
    throw new RangeError(`numInferenceSteps: wanted an integer of 1 to ${config.numTrainTimesteps}, got ${n}.`)
  }
}

function leading(n: number, ratio: number, offset: number): number[] {
  return Array.from({ length: n }, (_, i) => i * ratio + offset).reverse()
}

function trailing(end: number, step: number): number[] {
  const length = Math.ceil(end / step)
  // numpy.arange multiplies by the difference of its first two values, not by the step itself.
  const delta = end - step - end
  return Array.from({ length }, (_, i) => roundHalfEven(end + i * delta) - 1)
}

/** Timesteps of the schedulers in timestep space (DDPM, DDIM): whole numbers, descending. arXiv 2305.08891, table 2. */
export function wholeTimesteps(n: number, config: SchedulerConfig): number[] {
  const total = config.numTrainTimesteps
  if (config.timestepSpacing === "linspace")
    return linspace(0, total - 1, n)
      .map(roundHalfEven)
      .reverse()
  if (config.timestepSpacing === "leading") return leading(n, Math.floor(total / n), config.stepsOffset)
  return trailing(total, total / n)
}

/** Timesteps of the k-diffusion samplers (Euler, LMS, Heun): descending, fractional for "linspace", float32. */
export function fractionalTimesteps(n: number, config: SchedulerConfig): number[] {
  if (config.timestepSpacing !== "linspace") return wholeTimesteps(n, config)
  return linspace(0, config.numTrainTimesteps - 1, n)
    .map(Math.fround)
    .reverse()
}

/** Timesteps of the multistep solvers (DPM-Solver, UniPC): n of n+1 points, the last being left for the end. */
export function solverTimesteps(n: number, config: SchedulerConfig, last: number): number[] {
  if (config.timestepSpacing === "linspace")
    return linspace(0, last - 1, n + 1)
      .map(roundHalfEven)
      .reverse()
      .slice(0, -1)
  if (config.timestepSpacing === "leading") {
    return leading(n + 1, Math.floor(last / (n + 1)), config.stepsOffset).slice(0, -1)
  }
  return trailing(last, config.numTrainTimesteps / n)
}
