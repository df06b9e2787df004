/** What a sampler offers to generation and training. Samples are flat float32 arrays, rows outermost. */

/** Draws standard normal noise of the sample's length; called once for each draw, in diffusers' order. */
export type NoiseSource = () => Float32Array

export interface StepOptions {
  /** DDIM's share of random noise: 0 is deterministic (the default), 1 is DDPM. Others ignore it. */
  readonly eta?: number
  /** Rows in the sample, for dynamic thresholding, which looks at each row by itself. 1 unless told. */
  readonly batchSize?: number
}

export interface Scheduler {
  /** Timesteps in the order of the model calls; may be fractional, may repeat. Full training range before `setTimesteps`. */
  readonly timesteps: Float64Array
  /** Standard deviation that the initial unit noise is multiplied by; may change with `setTimesteps`. */
  readonly initNoiseSigma: number
  /** Noise level of each step and of the end, where the sampler has such a table. */
  readonly sigmas?: Float32Array
  /** Entries of `timesteps` per step of a run that starts late: 2 where a step has two halves, 1 elsewhere; diffusers' `order`. */
  readonly order: 1 | 2
  /** Prepares a run of `numInferenceSteps` steps and forgets an earlier one. */
  setTimesteps(numInferenceSteps: number): void
  /** The run starts at `timesteps[index]`: `addNoise` noises to that place, the first `step` is made there. */
  beginAt(index: number): void
  /** What the model is to be called with at `timestep`; call it before every `step`. */
  scaleModelInput(sample: Float32Array, timestep: number): Float32Array
  /** The next sample. `timestep` must be the next of `timesteps`; starting later than the first is allowed. */
  step(
    modelOutput: Float32Array,
    timestep: number,
    sample: Float32Array,
    noise: NoiseSource,
    options?: StepOptions,
  ): Float32Array
  /** x0 noised to `timesteps[row]`, row by row; timesteps.length rows of equal size. */
  addNoise(original: Float32Array, noise: Float32Array, timesteps: ArrayLike<number>): Float32Array
}

/** A scheduler that training can use: integer timesteps, targets of v-prediction, signal-to-noise ratio. */
export interface TrainingScheduler extends Scheduler {
  /** The v-prediction target sqrt(alpha) noise - sqrt(1 - alpha) x0, row by row (Salimans and Ho, arXiv 2202.00512). */
  velocity(original: Float32Array, noise: Float32Array, timesteps: ArrayLike<number>): Float32Array
  /** Signal-to-noise ratio at an integer timestep. */
  snr(timestep: number): number
}

type Term = readonly [factor: number, values: Float32Array]

/**
 * Sum of factor * values, rounded as PyTorch rounds `f * x + g * y` of float32 tensors: each product, each sum. It matters
 * where large terms cancel, as at the first steps of schedules without a signal at the end.
 */
export function weightedSum(...terms: readonly [Term, ...Term[]]): Float32Array {
  const sum = new Float32Array(terms[0][1].length)
  for (const [factor, values] of terms) {
    const rounded = Math.fround(factor)
    if (values.length !== sum.length) {
      throw new RangeError(`Scheduler: arrays of ${sum.length} and ${values.length} values cannot be one sample.`)
    }
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + Math.fround(rounded * (values[i] as number))
  }
  return sum
}

/** (a - factor * b) / divisor, rounded after each operation as PyTorch does: finite wherever it is there. */
export function difference(a: Float32Array, factor: number, b: Float32Array, divisor: number): Float32Array {
  return a.map((value, i) => Math.fround(value - Math.fround(factor * (b[i] as number))) / divisor)
}

/** The sum of a[row] * x + b[row] * y where rows are equal parts of x and y. */
export function weightedRows(
  a: readonly number[],
  x: Float32Array,
  b: readonly number[],
  y: Float32Array,
): Float32Array {
  const size = x.length / a.length
  if (!Number.isInteger(size) || x.length !== y.length) {
    throw new RangeError(
      `Scheduler: ${x.length} values and noise of ${y.length} cannot be split into ${a.length} rows, one for each timestep.`,
    )
  }
  return x.map((value, i) => {
    const row = Math.floor(i / size)
    return (a[row] as number) * value + (b[row] as number) * (y[i] as number)
  })
}

/** table[timestep]; throws where the timestep is not one of the table's. */
export function atTimestep(table: Float32Array, timestep: number): number {
  const value = table[timestep]
  if (value === undefined) {
    throw new RangeError(`Timestep: wanted an integer of 0 to ${table.length - 1}, got ${timestep}.`)
  }
  return value
}
