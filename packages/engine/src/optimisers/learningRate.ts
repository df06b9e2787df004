/** Learning rate schedules: diffusers' get_scheduler (src/diffusers/optimization.py), by diffusers' names. */

export const learningRateSchedules = [
  "constant",
  "constant_with_warmup",
  "linear",
  "cosine",
  "cosine_with_restarts",
  "polynomial",
] as const

export type LearningRateScheduleName = (typeof learningRateSchedules)[number]

export interface LearningRateSchedule {
  readonly name: LearningRateScheduleName
  /** The highest learning rate, reached after the warm-up. */
  readonly learningRate: number
  /** Steps of linear growth from 0; default 0. Not used by "constant". */
  readonly warmupSteps?: number
  /** Steps of the whole training, warm-up included. Not used by the constant schedules. */
  readonly trainingSteps: number
  /** Hard restarts of "cosine_with_restarts", default 1. */
  readonly cycles?: number
  /** Exponent of "polynomial", default 1. */
  readonly power?: number
}

/** Where "polynomial" ends; diffusers fixes it. */
const polynomialEnd = 1e-7

/**
 * The learning rate used by optimiser step `step`, counted from 0.
 * @throws RangeError for "polynomial" when the learning rate is not above 1e-7, where that schedule ends
 */
export function learningRateAt(schedule: LearningRateSchedule, step: number): number {
  const { name, learningRate, trainingSteps, warmupSteps = 0, cycles = 1, power = 1 } = schedule
  if (name === "polynomial" && !(learningRate > polynomialEnd)) {
    throw new RangeError(
      `The polynomial schedule ends at ${polynomialEnd}; its learning rate ${learningRate} must be larger.`,
    )
  }
  if (name === "constant") return learningRate
  if (step < warmupSteps) return learningRate * (step / Math.max(1, warmupSteps))
  const progress = (step - warmupSteps) / Math.max(1, trainingSteps - warmupSteps)
  switch (name) {
    case "constant_with_warmup":
      return learningRate
    case "linear":
      return learningRate * Math.max(0, (trainingSteps - step) / Math.max(1, trainingSteps - warmupSteps))
    case "cosine":
      // Half a cosine; past the end it rises again, in diffusers too.
      return learningRate * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)))
    case "cosine_with_restarts":
      if (progress >= 1) return 0
      return learningRate * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * ((cycles * progress) % 1))))
    case "polynomial": {
      if (step > trainingSteps) return polynomialEnd
      const remaining = 1 - (step - warmupSteps) / (trainingSteps - warmupSteps)
      return (learningRate - polynomialEnd) * remaining ** power + polynomialEnd
    }
  }
}
