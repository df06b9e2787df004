/** One update of AdamW's weights and moments: the arithmetic, for whichever thread does it. */
import type { AdamWOptions } from "./optimiser.ts"

/** A parameter's moments in float32, of its length. */
export interface FloatMoments {
  readonly first: Float32Array
  readonly second: Float32Array
}

/** The constants of one step, in float64 as PyTorch computes them. */
export interface AdamWStep {
  /** What the weights are multiplied with first. */
  readonly decay: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** learning rate / (1 - beta1^t) */
  readonly stepSize: number
  /** sqrt(1 - beta2^t) */
  readonly correction2: number
}

export function adamWStep(options: Required<AdamWOptions>, step: number, learningRate: number): AdamWStep {
  const [beta1, beta2] = options.betas
  return {
    decay: 1 - learningRate * options.weightDecay,
    beta1,
    beta2,
    epsilon: options.epsilon,
    stepSize: learningRate / (1 - beta1 ** step),
    correction2: Math.sqrt(1 - beta2 ** step),
  }
}

/**
 * One AdamW update in place of the elements from `start` to before `end`. Computes in float64 and rounds what is stored, so
 * it lies within an ulp or two of PyTorch's float32; all arrays have the same length.
 */
export function updateAdamW(
  w: Float32Array,
  g: Float32Array,
  { first, second }: FloatMoments,
  by: AdamWStep,
  start: number,
  end: number,
): void {
  const { decay, beta1, beta2, epsilon, stepSize } = by
  const rest1 = 1 - beta1
  const rest2 = 1 - beta2
  // (sqrt(v) / c + eps) m^-1 s = (sqrt(v) + eps c) m^-1 s / c: saves one of two divisions.
  const scale = stepSize * by.correction2
  const floor = epsilon * by.correction2
  for (let i = start; i < end; i++) {
    const gradient = g[i] as number
    const before = first[i] as number
    const m = before + rest1 * (gradient - before)
    const v = beta2 * (second[i] as number) + rest2 * gradient * gradient
    first[i] = m
    second[i] = v
    w[i] = decay * (w[i] as number) - (scale * m) / (Math.sqrt(v) + floor)
  }
}
