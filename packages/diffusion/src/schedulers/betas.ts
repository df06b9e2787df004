/**
 * Noise schedules: betas, their cumulated alphas and what is derived from them. All tables are float32 and rounded where
 * PyTorch rounds, because 1 - alphaCumprod of the first timesteps magnifies a last-bit difference a thousand times.
 */

const float32 = Math.fround

export const betaScheduleNames = ["linear", "scaled_linear", "squaredcos_cap_v2", "laplace", "exp", "sigmoid"] as const
export type BetaScheduleName = (typeof betaScheduleNames)[number]

export interface NoiseScheduleConfig {
  readonly numTrainTimesteps: number
  readonly betaStart: number
  readonly betaEnd: number
  readonly betaSchedule: BetaScheduleName
  readonly trainedBetas: readonly number[] | null
  readonly rescaleBetasZeroSnr: boolean
}

/** `torch.linspace(start, end, count)` in float32: counted from both ends, multiply and add rounded once. */
export function linspace32(start: number, end: number, count: number): Float32Array {
  const [from, to] = [float32(start), float32(end)]
  const values = new Float32Array(count).fill(from)
  if (count < 2) return values
  const step = float32(float32(to - from) / (count - 1))
  const half = Math.floor(count / 2)
  for (let i = 0; i < count; i++) {
    values[i] = i < half ? from + step * i : to - step * (count - 1 - i)
  }
  return values
}

/** Nichol and Dhariwal's construction of betas from a function of cumulated alpha over [0, 1]; diffusers' betas_for_alpha_bar. */
function betasForAlphaBar(count: number, alphaBar: (t: number) => number): Float32Array {
  const beta = (_: unknown, i: number) => Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), 0.999)
  return Float32Array.from({ length: count }, beta)
}

function laplaceAlphaBar(t: number): number {
  const lambda = -0.5 * (0.5 - t < 0 ? -1 : 1) * Math.log(1 - 2 * Math.abs(0.5 - t) + 1e-6)
  const snr = Math.exp(lambda)
  return Math.sqrt(snr / (1 + snr))
}

const schedules: Record<BetaScheduleName, (count: number, start: number, end: number) => Float32Array> = {
  linear: (count, start, end) => linspace32(start, end, count),
  scaled_linear: (count, start, end) => linspace32(Math.sqrt(start), Math.sqrt(end), count).map((root) => root * root),
  squaredcos_cap_v2: (count) => betasForAlphaBar(count, (t) => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2),
  laplace: (count) => betasForAlphaBar(count, laplaceAlphaBar),
  exp: (count) => betasForAlphaBar(count, (t) => Math.exp(t * -12)),
  sigmoid: (count, start, end) =>
    linspace32(-6, 6, count).map((x) => float32(float32(1 / (1 + Math.exp(-x))) * float32(end - start)) + start),
}

/** betas[numTrainTimesteps], float32. */
export function makeBetas(config: NoiseScheduleConfig): Float32Array {
  const betas =
    config.trainedBetas !== null
      ? Float32Array.from(config.trainedBetas)
      : schedules[config.betaSchedule](config.numTrainTimesteps, config.betaStart, config.betaEnd)
  return config.rescaleBetasZeroSnr ? rescaleZeroTerminalSnr(betas) : betas
}

/** Cumulated product of 1 - beta; PyTorch accumulates in double and rounds each value. */
export function alphasCumprod(betas: Float32Array): Float32Array {
  let product = 1
  return betas.map((beta) => {
    product *= float32(1 - beta)
    return product
  })
}

/** Betas whose last cumulated alpha is exactly 0; Lin et al., arXiv 2305.08891, algorithm 1. */
export function rescaleZeroTerminalSnr(betas: Float32Array): Float32Array {
  const roots = alphasCumprod(betas).map(Math.sqrt)
  const first = roots[0] ?? 1
  const last = roots.at(-1) ?? 0
  const scale = float32(first / float32(first - last))
  const bars = roots.map((root) => {
    const scaled = float32(float32(root - last) * scale)
    return scaled * scaled
  })
  return bars.map((bar, i) => 1 - (i === 0 ? bar : float32(bar / (bars[i - 1] as number))))
}

/** Signal-to-noise ratio per timestep, alphaCumprod / (1 - alphaCumprod) as compute_snr of diffusers' training_utils.py. */
export function signalToNoise(alphas: Float32Array): Float32Array {
  return alphas.map((alpha) => float32(float32(Math.sqrt(alpha)) / float32(Math.sqrt(float32(1 - alpha)))) ** 2)
}

/** Standard deviation of the noise per timestep, in units of the image: sqrt((1 - alphaCumprod) / alphaCumprod). */
export function sigmasOf(alphas: Float32Array): Float32Array {
  return alphas.map((alpha) => Math.sqrt(float32(float32(1 - alpha) / alpha)))
}
