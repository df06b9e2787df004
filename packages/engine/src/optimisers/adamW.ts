/** AdamW with float32 moments: Loshchilov & Hutter 2019, numerically torch.optim.AdamW's _single_tensor_adamw. */
import type { TensorData } from "../weights/dataType.ts"
import { adamWStep, type FloatMoments } from "./adamWUpdate.ts"
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
import { runUpdate, shared } from "./threads.ts"

/** torch.optim.AdamW. State per parameter: `exp_avg` and `exp_avg_sq`, F32 [elements]. */
export class AdamW implements Optimiser {
  readonly bytesPerParameter = 8
  readonly #options: Required<AdamWOptions>
  readonly #moments = new Map<string, FloatMoments>()
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
      const zeros = () => shared(new Float32Array(weights.length))
      moments = { first: zeros(), second: zeros() }
      this.#moments.set(name, moments)
    }
    const by = adamWStep(this.#options, this.#step, learningRate)
    runUpdate({ kind: "AdamW", weights, gradient, moments, by }, this.#options.threads)
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
    const moments = new Map<string, FloatMoments>()
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
export function restoreMoments(state: ReadonlyMap<string, TensorData>, name: string): FloatMoments {
  const first = state.get(`${name}.exp_avg`)?.data
  const second = state.get(`${name}.exp_avg_sq`)?.data
  if (!(first instanceof Float32Array)) throw badState(`${name}.exp_avg`, "F32")
  if (!(second instanceof Float32Array) || second.length !== first.length) {
    throw badState(`${name}.exp_avg_sq`, `F32 of ${first.length} elements`)
  }
  return { first: shared(first), second: shared(second) }
}
