/**
 * AdamW whose moments are stored in 8 bits: bitsandbytes' AdamW8bit, bit for bit its pure PyTorch path
 * (optimizer_update_8bit_blockwise_pytorch in bitsandbytes/backends/triton/kernels_8bit_optim.py).
 */
import type { TensorData } from "../weights/dataType.ts"
import { restoreMoments } from "./adamW.ts"
import { type QuantisedMoments, zeroCode } from "./adamW8bitUpdate.ts"
import { adamWStep, type FloatMoments } from "./adamWUpdate.ts"
import { blockSize } from "./dynamicQuantisation.ts"
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

/** Smaller tensors keep float32 moments: there is little to save and much to lose. */
const smallestQuantisedTensor = 4096

type Moments = QuantisedMoments | FloatMoments

const isQuantised = (moments: Moments): moments is QuantisedMoments => "firstAbsmax" in moments

/**
 * AdamW with blockwise 8-bit moments. State per parameter of at least 4096 elements: `exp_avg.codes` and
 * `exp_avg_sq.codes` (U8 [elements]), `exp_avg.absmax` and `exp_avg_sq.absmax` (F32 [ceil(elements / 256)]); below:
 * `exp_avg` and `exp_avg_sq` (F32 [elements]).
 */
export class AdamW8bit implements Optimiser {
  readonly bytesPerParameter = 2 + 8 / blockSize
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
      moments = createMoments(weights.length)
      this.#moments.set(name, moments)
    }
    const by = adamWStep(this.#options, this.#step, learningRate)
    const { threads } = this.#options
    if (isQuantised(moments)) runUpdate({ kind: "AdamW8bit", weights, gradient, moments, by }, threads)
    else runUpdate({ kind: "AdamW", weights, gradient, moments, by }, threads)
  }

  state(): Map<string, TensorData> {
    const state = new Map([["step", stepTensor(this.#step)]])
    const add = (key: string, dataType: "U8" | "F32", data: Uint8Array | Float32Array) =>
      state.set(key, { dataType, shape: [data.length], data })
    for (const [name, moments] of this.#moments) {
      if (isQuantised(moments)) {
        add(`${name}.exp_avg.codes`, "U8", moments.first)
        add(`${name}.exp_avg.absmax`, "F32", moments.firstAbsmax)
        add(`${name}.exp_avg_sq.codes`, "U8", moments.second)
        add(`${name}.exp_avg_sq.absmax`, "F32", moments.secondAbsmax)
      } else {
        add(`${name}.exp_avg`, "F32", moments.first)
        add(`${name}.exp_avg_sq`, "F32", moments.second)
      }
    }
    return state
  }

  restore(state: ReadonlyMap<string, TensorData>): void {
    const step = storedStep(state)
    const restored = new Map<string, Moments>()
    for (const key of state.keys()) {
      if (key === "step") continue
      const [prefix, part] = splitStateKey(key)
      const quantised = part === "codes" || part === "absmax"
      const [name, moment] = quantised ? splitStateKey(prefix) : [prefix, part]
      if (moment !== "exp_avg" && moment !== "exp_avg_sq") throw badState(key, "exp_avg or exp_avg_sq")
      if (!restored.has(name)) {
        restored.set(name, quantised ? restoreQuantised(state, name) : restoreSmall(state, name))
      }
    }
    this.#step = step
    this.#moments.clear()
    for (const [name, moments] of restored) this.#moments.set(name, moments)
  }
}

function createMoments(length: number): Moments {
  if (length < smallestQuantisedTensor) {
    return { first: new Float32Array(length), second: new Float32Array(length) }
  }
  const blocks = Math.ceil(length / blockSize)
  return {
    first: shared(new Uint8Array(length).fill(zeroCode.first)),
    firstAbsmax: shared(new Float32Array(blocks)),
    second: shared(new Uint8Array(length).fill(zeroCode.second)),
    secondAbsmax: shared(new Float32Array(blocks)),
  }
}

function restoreSmall(state: ReadonlyMap<string, TensorData>, name: string): FloatMoments {
  const moments = restoreMoments(state, name)
  if (moments.first.length < smallestQuantisedTensor) return moments
  throw badState(`${name}.exp_avg`, `F32 of fewer than ${smallestQuantisedTensor} elements`)
}

function restoreQuantised(state: ReadonlyMap<string, TensorData>, name: string): QuantisedMoments {
  const codes = (moment: string): Uint8Array => {
    const data = state.get(`${name}.${moment}.codes`)?.data
    if (data instanceof Uint8Array && data.length >= smallestQuantisedTensor) return shared(data)
    throw badState(`${name}.${moment}.codes`, `U8 of at least ${smallestQuantisedTensor} elements`)
  }
  const absmax = (moment: string, blocks: number): Float32Array => {
    const data = state.get(`${name}.${moment}.absmax`)?.data
    if (data instanceof Float32Array && data.length === blocks) return shared(data)
    throw badState(`${name}.${moment}.absmax`, `F32 of ${blocks} blocks`)
  }
  const first = codes("exp_avg")
  const second = codes("exp_avg_sq")
  if (second.length !== first.length) throw badState(`${name}.exp_avg_sq.codes`, `U8 of ${first.length} elements`)
  const blocks = Math.ceil(first.length / blockSize)
  return {
    first,
    firstAbsmax: absmax("exp_avg", blocks),
    second,
    secondAbsmax: absmax("exp_avg_sq", blocks),
  }
}
