import type { SchedulerConfig } from "./config.ts"
import { type Scheduler, weightedSum } from "./scheduler.ts"
import { SolverSpace, solverScheduler } from "./solverSpace.ts"

const float32 = Math.fround

/** UniPC: Zhao et al., arXiv 2302.04867; diffusers' scheduling_unipc_multistep.py. Predictor and corrector, one model call. */
export function uniPcMultistepScheduler(config: SchedulerConfig): Scheduler {
  const space = new SolverSpace(config)
  const { table } = space
  /** Converted model outputs, newest first. */
  let outputs: Float32Array[] = []
  let lastSample: Float32Array | null = null
  let lastOrder = 1

  /**
   * The update from level `from` to level from+1 (equation 8), with the differences of older outputs to `outputs[0]` (of
   * level `from`) and, when correcting, `corrected`: the output at the new level.
   */
  function update(from: number, order: number, sample: Float32Array, corrected: Float32Array | null): Float32Array {
    const newest = outputs[0]
    if (newest === undefined) throw new Error("UniPCMultistepScheduler: no model output to step with.")
    const [t, s] = [space.levelAt(from + 1), space.levelAt(from)]
    const h = float32(t.lambda - s.lambda)
    const hh = config.predictX0 ? -h : h
    const ratios: number[] = []
    for (let i = 1; i < order; i++) ratios.push(float32(float32(space.levelAt(from - i).lambda - s.lambda) / h))
    const exponential = float32(Math.expm1(hh))
    const scale = config.solverType === "bh1" ? hh : exponential
    const [signal, target] = config.predictX0 ? [t.sigma / s.sigma, t.alpha] : [t.alpha / s.alpha, t.sigma]
    const factors = weights(hh, exponential, scale, ratios, corrected !== null)
    const terms: [number, Float32Array][] = [[-target * exponential, newest]]
    ratios.forEach((ratio, i) => {
      const older = outputs[i + 1]
      const factor = (-target * scale * (factors[i] ?? 0)) / ratio
      if (older !== undefined) terms.push([factor, older], [-factor, newest])
    })
    if (corrected) {
      const factor = -target * scale * (factors.at(-1) ?? 0)
      terms.push([factor, corrected], [-factor, newest])
    }
    // Infinite where the run ends at sigma 0 and the solver cannot: the result is not a number then, as in diffusers.
    const rest = ratios.length === 0 && corrected === null ? -target * scale * 0 : 0
    const next = weightedSum([signal, sample], ...terms)
    return Number.isNaN(rest) ? next.fill(Number.NaN) : next
  }

  return solverScheduler(space, {
    setTimesteps(n) {
      const { timesteps, sigmas, shaped } = space.schedule(n, config)
      // With a shape the run's own smallest sigma ends it, without one the training's: diffusers' choice.
      const smallest = (shaped ? sigmas.at(-1) : space.trainingSigmas[0]) ?? 0
      table.reset(timesteps, [...sigmas, config.finalSigmasType === "sigma_min" ? smallest : 0])
      outputs = []
      lastSample = null
    },
    step(modelOutput, timestep, sample, _noise, options = {}) {
      const index = space.current(timestep)
      const level = space.levelAt(index)
      const converted = config.predictX0
        ? space.predictOriginal(modelOutput, sample, level, options)
        : space.predictNoise(modelOutput, sample, level)
      const corrects = index > 0 && lastSample !== null && !config.disableCorrector.includes(index - 1)
      const start = corrects && lastSample ? update(index - 1, lastOrder, lastSample, converted) : sample
      const known = outputs.length + 1
      outputs = [converted, ...outputs].slice(0, config.solverOrder)
      const left = config.lowerOrderFinal ? table.timesteps.length - index : config.solverOrder
      lastOrder = Math.min(config.solverOrder, left, known)
      lastSample = start
      const next = update(index, lastOrder, start, null)
      table.advance()
      return next
    },
  })
}

/** The rho of equation 11: solves the order conditions for the given lambda ratios (and 1, for the corrector). */
function weights(
  hh: number,
  exponential: number,
  scale: number,
  ratios: readonly number[],
  corrects: boolean,
): number[] {
  const nodes = corrects ? [...ratios, 1] : ratios
  // diffusers shortens the smallest system of either kind to this.
  if (nodes.length === 1) return [0.5]
  let factorial = 1
  let phi = float32(float32(exponential / hh) - 1)
  const rows = nodes.map((_, power) => {
    const right = float32(float32(phi * factorial) / scale)
    factorial *= power + 2
    phi = float32(float32(phi / hh) - 1 / factorial)
    return [...nodes.map((node) => node ** power), right]
  })
  return solve(rows)
}

/** Gaussian elimination with partial pivoting; each row is the equation's factors and then its right-hand side. */
function solve(rows: number[][]): number[] {
  const n = rows.length
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k + 1; i < n; i++) if (Math.abs(at(i, k)) > Math.abs(at(pivot, k))) pivot = i
    const [upper, lower] = [rows[pivot] ?? [], rows[k] ?? []]
    rows[k] = upper
    rows[pivot] = lower
    for (let i = k + 1; i < n; i++) {
      const factor = at(i, k) / at(k, k)
      rows[i] = (rows[i] ?? []).map((value, j) => value - factor * at(k, j))
    }
  }
  const solution = new Array<number>(n).fill(0)
  for (let k = n - 1; k >= 0; k--) {
    let right = at(k, n)
    for (let j = k + 1; j < n; j++) right -= at(k, j) * (solution[j] ?? 0)
    solution[k] = right / at(k, k)
  }
  return solution
}
