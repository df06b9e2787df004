import { alphasCumprod, makeBetas, sigmasOf } from "./betas.ts"
import type { SchedulerConfig } from "./config.ts"
import { difference, type Scheduler, type StepOptions, weightedRows, weightedSum } from "./scheduler.ts"
import { interpolate, shapedSigmas, sigmaToTimestep } from "./sigmaSchedules.ts"
import { SigmaTable } from "./sigmaSpace.ts"
import { dynamicThreshold } from "./thresholding.ts"
import { checkStepCount, roundHalfEven, solverTimesteps } from "./timestepSpacing.ts"

const float32 = Math.fround

/** A noise level as the solvers see it: x = alpha x0 + sigma noise, lambda = log(alpha / sigma). */
export interface NoiseLevel {
  readonly alpha: number
  readonly sigma: number
  readonly lambda: number
}

/** `sigma` is the k-diffusion one (noise over signal); rounded to float32 where diffusers is. */
export function noiseLevel(ratio: number): NoiseLevel {
  const alpha = float32(1 / float32(Math.sqrt(float32(float32(ratio * ratio) + 1))))
  const sigma = float32(ratio * alpha)
  return { alpha, sigma, lambda: float32(float32(Math.log(alpha)) - float32(Math.log(sigma))) }
}

/** The noise process of DPM-Solver and UniPC, tabulated by sigma, variance preserving. */
export class SolverSpace {
  readonly table: SigmaTable
  readonly trainingSigmas: Float32Array
  readonly logSigmas: Float32Array
  readonly alphas: Float32Array
  private readonly config: SchedulerConfig

  constructor(config: SchedulerConfig) {
    this.config = config
    this.alphas = alphasCumprod(makeBetas(config))
    // Near 0 but not 0, so that the first sigma stays finite.
    if (config.rescaleBetasZeroSnr) this.alphas[this.alphas.length - 1] = 2 ** -24
    this.trainingSigmas = sigmasOf(this.alphas)
    this.logSigmas = this.trainingSigmas.map(Math.log)
    const descending = Array.from(this.alphas, (_, i) => this.alphas.length - 1 - i)
    // Until setTimesteps diffusers leaves these sigmas ascending while the timesteps descend; addNoise before it shows that.
    this.table = new SigmaTable(descending, this.trainingSigmas)
  }

  /**
   * The timesteps of n model calls and their sigmas, descending: of the shape that `config` asks for, or spaced evenly below
   * timestep `last`. A shape's timesteps are rounded or cut off.
   */
  schedule(
    n: number,
    config: SchedulerConfig,
    { last = config.numTrainTimesteps, rounds = config.useKarrasSigmas } = {},
  ): { readonly timesteps: number[]; readonly sigmas: number[]; readonly shaped: boolean } {
    checkStepCount(n, config)
    const { trainingSigmas } = this
    const sigmas = shapedSigmas(config, n, trainingSigmas.at(-1) ?? 0, trainingSigmas[0] ?? 0)
    if (sigmas === null) {
      const timesteps = solverTimesteps(n, config, last)
      return { timesteps, sigmas: timesteps.map((t) => interpolate(trainingSigmas, t)), shaped: false }
    }
    return { timesteps: this.timestepsOf(sigmas, rounds), sigmas, shaped: true }
  }

  timestepsOf(sigmas: readonly number[], rounds: boolean): number[] {
    return sigmas.map((sigma) => sigmaToTimestep(sigma, this.logSigmas)).map(rounds ? roundHalfEven : Math.trunc)
  }

  levelAt(index: number): NoiseLevel {
    return noiseLevel(this.table.at(index))
  }

  /** As SigmaTable.current, but a timestep that is not of the run starts at its last step, as in diffusers. */
  current(timestep: number): number {
    const { timesteps } = this.table
    return this.table.current(timesteps.includes(timestep) ? timestep : (timesteps.at(-1) ?? 0))
  }

  addNoise(original: Float32Array, noise: Float32Array, timesteps: ArrayLike<number>): Float32Array {
    const own = this.table.timesteps
    const levels = Array.from(timesteps, (t) => (own.includes(t) ? this.table.levelIndex(t) : own.length - 1)).map(
      (i) => this.levelAt(i),
    )
    return weightedRows(
      levels.map((level) => level.alpha),
      original,
      levels.map((level) => level.sigma),
      noise,
    )
  }

  /** The model's idea of x0 in `sample`, thresholded where the options ask for it. */
  predictOriginal(output: Float32Array, sample: Float32Array, level: NoiseLevel, options: StepOptions): Float32Array {
    return this.threshold(this.rawOriginal(output, sample, level), options)
  }

  threshold(original: Float32Array, options: StepOptions): Float32Array {
    return this.config.thresholding ? dynamicThreshold(original, this.config, options.batchSize ?? 1) : original
  }

  private rawOriginal(output: Float32Array, sample: Float32Array, { alpha, sigma }: NoiseLevel): Float32Array {
    if (this.config.predictionType === "sample") return output
    if (this.config.predictionType === "v_prediction") return weightedSum([alpha, sample], [-sigma, output])
    return difference(sample, sigma, output, alpha)
  }

  /** The model's idea of the noise in `sample`. */
  predictNoise(output: Float32Array, sample: Float32Array, { alpha, sigma }: NoiseLevel): Float32Array {
    if (this.config.predictionType === "epsilon") return output
    if (this.config.predictionType === "v_prediction") return weightedSum([alpha, output], [sigma, sample])
    return difference(sample, alpha, output, sigma)
  }
}

/** A solver's own part, and what all solvers share: the space's table, samples that the model sees as they are. */
export function solverScheduler(space: SolverSpace, own: Pick<Scheduler, "setTimesteps" | "step">): Scheduler {
  const { table } = space
  return {
    get timesteps() {
      return table.timesteps
    },
    get sigmas() {
      return table.sigmas
    },
    initNoiseSigma: 1,
    order: 1,
    scaleModelInput: (sample) => sample,
    beginAt: (index) => table.beginAt(index),
    addNoise: (original, noise, timesteps) => space.addNoise(original, noise, timesteps),
    ...own,
  }
}
