/** AdamW with float32 moments: Loshchilov & Hutter 2019, numerically torch.optim.AdamW's _single_tensor_adamw. */
import type { TensorData } from "../weights/dataType.ts"
import {
  type AdamWOptions,
  adamWDefaults,
  badState,
  checkLengths,
  type Optimiser,
  splitStateKey,
  stepTensor,
  storedStep,
} from "./optimiser.ts"

interface Moments {
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
 * One AdamW update in place. Computes in float64 and rounds what is stored, so it lies within an ulp or two of
 * PyTorch's float32; all arrays have the same length.
 */
export function updateAdamW(
  w: Float32Array,
  g: Float32Array,
  first: Float32Array,
  second: Float32Array,
  by: AdamWStep,
): void {
  const { decay, beta1, beta2, epsilon, stepSize } = by
  const rest1 = 1 - beta1
  const rest2 = 1 - beta2
  // (sqrt(v) / c + eps) m^-1 s = (sqrt(v) + eps c) m^-1 s / c: saves one of two divisions.
  const scale = stepSize * by.correction2
  const floor = epsilon * by.correction2
  const length = w.length
  for (let i = 0; i < length; i++) {
    const gradient = g[i] as number
    const before = first[i] as number
    const m = before + rest1 * (gradient - before)
    const v = beta2 * (second[i] as number) + rest2 * gradient * gradient
    first[i] = m
    second[i] = v
    w[i] = decay * (w[i] as number) - (scale * m) / (Math.sqrt(v) + floor)
  }
}

/** torch.optim.AdamW. State per parameter: `exp_avg` and `exp_avg_sq`, F32 [elements]. */
export class AdamW implements Optimiser {
  readonly bytesPerParameter = 8
  readonly #options: Required<AdamWOptions>
  readonly #moments = new Map<string, Moments>()
  #step = 0

  constructor(options: AdamWOptions = {}) {
    this.#options = { ...adamWDefaults, ...options }
  }

  get stepCount(): number {
    return this.#step
  }

  beginStep(): void {
    this.#step++
  }

  step(name: string, weights: Float32Array, gradient: Float32Array, learningRate: number): void {
    let moments = this.#moments.get(name)
    checkLengths(name, weights, gradient, moments?.first.length ?? weights.length, this.#step)
    if (!moments) {
      moments = { first: new Float32Array(weights.length), second: new Float32Array(weights.length) }
      this.#moments.set(name, moments)
    }
    updateAdamW(weights, gradient, moments.first, moments.second, adamWStep(this.#options, this.#step, learningRate))
  }

  state(): Map<string, TensorData> {
    const state = new Map([["step", stepTensor(this.#step)]])
    for (const [name, { first, second }] of this.#moments) {
      state.set(`${name}.exp_avg`, { dataType: "F32", shape: [first.length], data: first })
      state.set(`${name}.exp_avg_sq`, { dataType: "F32", shape: [second.length], data: second })
    }
    return state
  }

  restore(state: ReadonlyMap<string, TensorData>): void {
    const step = storedStep(state)
    const moments = new Map<string, Moments>()
    for (const key of state.keys()) {
      if (key === "step") continue
      const [name, part] = splitStateKey(key)
      if (part !== "exp_avg" && part !== "exp_avg_sq") throw badState(key, "exp_avg or exp_avg_sq")
      if (!moments.has(name)) moments.set(name, restoreMoments(state, name))
    }
    this.#step = step
    this.#moments.clear()
    for (const [name, value] of moments) this.#moments.set(name, value)
  }
}

/** Copies the float32 moments of a parameter out of a saved state. */
export function restoreMoments(state: ReadonlyMap<string, TensorData>, name: string): Moments {
  const first = state.get(`${name}.exp_avg`)?.data
  const second = state.get(`${name}.exp_avg_sq`)?.data
  if (!(first instanceof Float32Array)) throw badState(`${name}.exp_avg`, "F32")
  if (!(second instanceof Float32Array) || second.length !== first.length) {
    throw badState(`${name}.exp_avg_sq`, `F32 of ${first.length} elements`)
  }
  return { first: first.slice(), second: second.slice() }
}
