import { alphasCumprod, makeBetas, sigmasOf } from "./betas.ts"
import type { SchedulerConfig } from "./config.ts"
import { weightedRows, weightedSum } from "./scheduler.ts"
import { interpolate, shapedSigmas, sigmaToTimestep } from "./sigmaSchedules.ts"
import { checkStepCount, fractionalTimesteps } from "./timestepSpacing.ts"

const float32 = Math.fround

/** Steps through a table of sigmas; what all samplers with such a table have in common. */
export class SigmaTable {
  timesteps: Float64Array
  /** One more than timesteps: the last is the noise level of the result. */
  sigmas: Float32Array
  /** Steps made so far in this run; null before the first call says where the run starts. */
  private step: number | null = null
  /** Where the run was told to start; null where the first timestep says it. */
  private begin: number | null = null

  constructor(timesteps: ArrayLike<number>, sigmas: ArrayLike<number>) {
    this.timesteps = Float64Array.from(timesteps)
    this.sigmas = Float32Array.from(sigmas)
  }

  reset(timesteps: ArrayLike<number>, sigmas: ArrayLike<number>): void {
    this.timesteps = Float64Array.from(timesteps)
    this.sigmas = Float32Array.from(sigmas)
    this.step = null
    this.begin = null
  }

  beginAt(index: number): void {
    this.begin = index
  }

  /** Where `timestep` is in the table; the second place where it is there twice, as diffusers starts image-to-image runs. */
  indexOf(timestep: number): number {
    const first = this.timesteps.indexOf(timestep)
    if (first < 0) {
      throw new RangeError(
        `Timestep: ${timestep} is not among the ${this.timesteps.length} timesteps of this run; pass one of scheduler.timesteps.`,
      )
    }
    const second = this.timesteps.indexOf(timestep, first + 1)
    return second < 0 ? first : second
  }

  /** Index of the step being made; `timestep` counts only at the start of a run. */
  current(timestep: number): number {
    this.step ??= this.begin ?? this.indexOf(timestep)
    return this.step
  }

  /** Index of the noise level that samples are noised to: that of the run where it was told to start, else the timestep's. */
  levelIndex(timestep: number): number {
    return this.begin === null ? this.indexOf(timestep) : (this.step ?? this.begin)
  }

  advance(): void {
    this.step = (this.step ?? 0) + 1
  }

  at(index: number): number {
    const sigma = this.sigmas[index]
    if (sigma === undefined) {
      throw new RangeError(
        `Scheduler: step ${index} is beyond the ${this.timesteps.length} steps of this run; call setTimesteps to start another.`,
      )
    }
    return sigma
  }
}

/** Standard deviation that the model input is divided by: sqrt(sigma^2 + 1). */
export function inputScale(sigma: number): number {
  return float32(Math.sqrt(float32(float32(sigma * sigma) + 1)))
}

/** The noise process of the k-diffusion samplers: x = x0 + sigma noise. Karras et al., arXiv 2206.00364. */
export class SigmaSpace {
  readonly table: SigmaTable
  /** Sigma of each training timestep. */
  readonly trainingSigmas: Float32Array
  private readonly config: SchedulerConfig

  constructor(config: SchedulerConfig) {
    this.config = config
    const alphas = alphasCumprod(makeBetas(config))
    // Near 0 but not 0, so that the first sigma stays finite.
    if (config.rescaleBetasZeroSnr) alphas[alphas.length - 1] = 2 ** -24
    this.trainingSigmas = sigmasOf(alphas)
    const descending = Array.from(alphas, (_, i) => alphas.length - 1 - i)
    this.table = new SigmaTable(descending, [...this.trainingSigmas.toReversed(), 0])
  }

  /** The timesteps and sigmas (without the last) of a run of n steps. */
  schedule(n: number): { timesteps: number[]; sigmas: number[] } {
    checkStepCount(n, this.config)
    const timesteps = fractionalTimesteps(n, this.config)
    return this.shape(
      timesteps.map((t) => interpolate(this.trainingSigmas, t)),
      timesteps,
      n,
    )
  }

  /** Replaces sigmas by those of the shape the options ask for, and the timesteps by the ones these belong to. */
  shape(sigmas: number[], timesteps: number[], n: number): { timesteps: number[]; sigmas: number[] } {
    const shaped = shapedSigmas(this.config, n, sigmas[0] ?? 0, sigmas.at(-1) ?? 0)
    if (shaped === null) return { timesteps, sigmas }
    const logs = this.trainingSigmas.map(Math.log)
    return { timesteps: shaped.map((sigma) => float32(sigmaToTimestep(sigma, logs))), sigmas: shaped }
  }

  get initNoiseSigma(): number {
    const largest = this.table.sigmas.reduce((a, b) => Math.max(a, b), 0)
    return this.config.timestepSpacing === "leading" ? inputScale(largest) : largest
  }

  scaleModelInput(sample: Float32Array, timestep: number): Float32Array {
    const scale = inputScale(this.table.at(this.table.current(timestep)))
    return sample.map((value) => value / scale)
  }

  addNoise(original: Float32Array, noise: Float32Array, timesteps: ArrayLike<number>): Float32Array {
    const sigmas = Array.from(timesteps, (t) => this.table.at(this.table.levelIndex(t)))
    return weightedRows(
      sigmas.map(() => 1),
      original,
      sigmas,
      noise,
    )
  }

  /** The model's idea of x0 in `sample`, which has noise of this sigma. */
  predictOriginal(modelOutput: Float32Array, sample: Float32Array, sigma: number): Float32Array {
    if (this.config.predictionType === "sample") return modelOutput
    if (this.config.predictionType === "epsilon") return weightedSum([1, sample], [-sigma, modelOutput])
    const variance = float32(float32(sigma * sigma) + 1)
    const factor = float32(-sigma / inputScale(sigma))
    return sample.map((value, i) => float32(factor * (modelOutput[i] as number)) + float32(value / variance))
  }
}

/** Slope of the sample in sigma: (sample - x0) / sigma. */
export function derivative(sample: Float32Array, original: Float32Array, sigma: number): Float32Array {
  return sample.map((value, i) => float32(value - (original[i] as number)) / sigma)
}
