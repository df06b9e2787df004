/** What the optimisers have in common. */
import type { TensorData } from "../weights/dataType.ts"

/** Hyperparameters of AdamW; the defaults are torch.optim.AdamW's. */
export interface AdamWOptions {
  /** Decay rates of the two moments, default [0.9, 0.999]. */
  readonly betas?: readonly [number, number]
  /** Added to the denominator, default 1e-8. */
  readonly epsilon?: number
  /** Decoupled weight decay per unit of learning rate, default 0.01. */
  readonly weightDecay?: number
  /** Threads that update a large parameter whose weights are `shared`, default 1; the bytes are the same for any number. */
  readonly threads?: number
}

export const adamWDefaults = { betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0.01, threads: 1 } as const

/**
 * Updates weights in place. One optimiser step is one `beginStep()` followed by `step()` once for every parameter that
 * has a gradient; parameters may come in any order, so that a block's gradients can be dropped before the next block's
 * exist. State for a parameter is made at its first step.
 */
export interface Optimiser {
  /** Bytes of state per weight of a large tensor. */
  readonly bytesPerParameter: number
  /** Steps begun so far. */
  readonly stepCount: number
  beginStep(): void
  /**
   * @param name the parameter's path, the key of its state
   * @param weights updated in place; any shape, flattened
   * @param gradient same length as the weights; only read
   * @throws RangeError when the lengths differ, or before the first beginStep()
   */
  step(name: string, weights: Float32Array, gradient: Float32Array, learningRate: number): void
  /**
   * Everything that a continued run needs, for a checkpoint: views, not copies. Keys: "step" (I64 [1]) and
   * "<parameter>.<part>", each of shape [elements] or [blocks].
   */
  state(): Map<string, TensorData>
  /** Replaces the state by what `state()` returned; copies. @throws RangeError when a tensor is not of that form. */
  restore(state: ReadonlyMap<string, TensorData>): void
}

export function checkLengths(
  name: string,
  weights: Float32Array,
  gradient: Float32Array,
  known: number,
  step: number,
): void {
  if (step < 1) throw new RangeError("Call beginStep() before the first step().")
  if (weights.length !== gradient.length || weights.length !== known) {
    const lengths = `${weights.length} weights, ${gradient.length} gradients and state for ${known}`
    throw new RangeError(`Parameter "${name}" has ${lengths}; all three must be equal.`)
  }
}

/** The step count as it is stored. */
export function stepTensor(step: number): TensorData {
  return { dataType: "I64", shape: [1], data: BigInt64Array.of(BigInt(step)) }
}

export function storedStep(state: ReadonlyMap<string, TensorData>): number {
  const data = state.get("step")?.data
  const step = data instanceof BigInt64Array && data.length === 1 ? Number(data[0]) : -1
  if (step < 0) throw new RangeError('Optimiser state needs "step", an I64 tensor of one non-negative number.')
  return step
}

/** Splits "<parameter>.<part>" at its last dot. */
export function splitStateKey(key: string): [parameter: string, part: string] {
  const dot = key.lastIndexOf(".")
  return [key.slice(0, Math.max(dot, 0)), key.slice(dot + 1)]
}

/** The error for a state tensor that belongs to another optimiser or is damaged. */
export function badState(key: string, wanted: string): RangeError {
  return new RangeError(`Optimiser state "${key}" is missing or not ${wanted}: was it saved by another optimiser?`)
}
