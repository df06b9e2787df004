import { betaQuantile } from "./betaDistribution.ts"
import type { SchedulerConfig } from "./config.ts"
import { linspace } from "./timestepSpacing.ts"

/** `numpy.interp(x, 0..n-1, table)` for float32 tables. */
export function interpolate(table: Float32Array, x: number): number {
  const low = Math.min(Math.max(Math.floor(x), 0), table.length - 1)
  const high = Math.min(low + 1, table.length - 1)
  const [a, b] = [table[low] as number, table[high] as number]
  return x <= low || low === high ? a : (b - a) * (x - low) + a
}

/** The (fractional) timestep whose sigma this is, by interpolation in log space; k-diffusion's sigma_to_t. */
export function sigmaToTimestep(sigma: number, logSigmas: Float32Array): number {
  const log = Math.log(Math.max(sigma, 1e-10))
  const below = logSigmas.findLastIndex((value) => log - value >= 0)
  const low = Math.min(Math.max(below, 0), logSigmas.length - 2)
  const [a, b] = [logSigmas[low] as number, logSigmas[low + 1] as number]
  const weight = Math.min(Math.max((a - log) / Math.fround(a - b), 0), 1)
  return (1 - weight) * low + weight * (low + 1)
}

/**
 * The n sigmas of the shape that `config` asks for between sigmaMax and sigmaMin, descending, or null where it asks for
 * none. Karras et al., arXiv 2206.00364, equation 5 with rho 7; exponential: equal steps of log sigma; beta: quantiles of
 * Beta(0.6, 0.6), arXiv 2407.12173.
 */
export function shapedSigmas(config: SchedulerConfig, n: number, largest: number, smallest: number): number[] | null {
  const min = config.sigmaMin ?? smallest
  const max = config.sigmaMax ?? largest
  // numpy.linspace of one point is its start, whatever the end.
  const ramp = n === 1 ? [0] : linspace(0, 1, n)
  if (config.useKarrasSigmas) {
    const [a, b] = [max ** (1 / 7), min ** (1 / 7)]
    return ramp.map((x) => (a + x * (b - a)) ** 7)
  }
  if (config.useExponentialSigmas) {
    return n === 1 ? [max] : linspace(Math.log(max), Math.log(min), n).map(Math.exp)
  }
  if (config.useBetaSigmas) return ramp.map((x) => min + betaQuantile(1 - x, 0.6, 0.6) * (max - min))
  return null
}
