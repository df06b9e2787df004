/**
 * AdamW whose moments are stored in 8 bits: bitsandbytes' AdamW8bit, bit for bit its pure PyTorch path
 * (optimizer_update_8bit_blockwise_pytorch in bitsandbytes/backends/triton/kernels_8bit_optim.py).
 */
import type { TensorData } from "../weights/dataType.ts"
import { type AdamWStep, adamWStep, restoreMoments, updateAdamW } from "./adamW.ts"
import {
  type BlockScratch,
  blockSize,
  createBlockScratch,
  createDynamicMap,
  quantiseBlock,
} from "./dynamicQuantisation.ts"
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

/** Smaller tensors keep float32 moments: there is little to save and much to lose. */
const smallestQuantisedTensor = 4096

/** Moments of a large tensor: a code per element and a scale per block of 256. */
interface QuantisedMoments {
  readonly first: Uint8Array
  readonly firstAbsmax: Float32Array
  readonly second: Uint8Array
  readonly secondAbsmax: Float32Array
}

interface FloatMoments {
  readonly first: Float32Array
  readonly second: Float32Array
}

type Moments = QuantisedMoments | FloatMoments

const isQuantised = (moments: Moments): moments is QuantisedMoments => "firstAbsmax" in moments

/** Codebooks and scratch memory are shared: stepping is synchronous. */
const firstMap = createDynamicMap(true)
const secondMap = createDynamicMap(false)
const firstScratch = createBlockScratch()
const secondScratch = createBlockScratch()
const zeroCode = { first: firstMap.values.indexOf(0), second: secondMap.values.indexOf(0) }

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
    if (isQuantised(moments)) updateAdamW8bit(weights, gradient, moments, by)
    else updateAdamW(weights, gradient, moments.first, moments.second, by)
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
    first: new Uint8Array(length).fill(zeroCode.first),
    firstAbsmax: new Float32Array(blocks),
    second: new Uint8Array(length).fill(zeroCode.second),
    secondAbsmax: new Float32Array(blocks),
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
    if (data instanceof Uint8Array && data.length >= smallestQuantisedTensor) return data.slice()
    throw badState(`${name}.${moment}.codes`, `U8 of at least ${smallestQuantisedTensor} elements`)
  }
  const absmax = (moment: string, blocks: number): Float32Array => {
    const data = state.get(`${name}.${moment}.absmax`)?.data
    if (data instanceof Float32Array && data.length === blocks) return data.slice()
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

/** One update in place: weights with the new moments as they are, then the moments rounded to their codes. */
function updateAdamW8bit(
  weights: Float32Array,
  gradient: Float32Array,
  moments: QuantisedMoments,
  by: AdamWStep,
): void {
  const { first, firstAbsmax, second, secondAbsmax } = moments
  for (let block = 0; block < firstAbsmax.length; block++) {
    const start = block * blockSize
    const length = Math.min(blockSize, weights.length - start)
    dequantiseBlock(first, start, length, firstAbsmax[block] as number, firstMap.values, firstScratch)
    dequantiseBlock(second, start, length, secondAbsmax[block] as number, secondMap.values, secondScratch)
    updateBlock(weights, gradient, start, length, by)
    const firstLargest = largestMagnitude(firstScratch.values, length)
    const secondLargest = largestMagnitude(secondScratch.values, length)
    firstAbsmax[block] = quantiseBlock(firstScratch, length, firstLargest, firstMap, first, start)
    secondAbsmax[block] = quantiseBlock(secondScratch, length, secondLargest, secondMap, second, start)
  }
}

function dequantiseBlock(
  codes: Uint8Array,
  start: number,
  length: number,
  absmax: number,
  codebook: Float32Array,
  into: BlockScratch,
): void {
  const { values } = into
  for (let i = 0; i < length; i++) values[i] = (codebook[codes[start + i] as number] as number) * absmax
}

/**
 * The block's weights and, in the scratch arrays, moments. Rounds where PyTorch's float32 kernels round: their add with
 * alpha and addcmul are fused multiply-adds (a product of floats is exact in float64), addcdiv is not.
 */
function updateBlock(
  weights: Float32Array,
  gradient: Float32Array,
  start: number,
  length: number,
  by: AdamWStep,
): void {
  const m = firstScratch.values
  const v = secondScratch.values
  const beta1 = Math.fround(by.beta1)
  const beta2 = Math.fround(by.beta2)
  const rest1 = Math.fround(1 - by.beta1)
  const rest2 = Math.fround(1 - by.beta2)
  // Times a float64 reciprocal is divided by in float32, see quantiseBlock.
  const perCorrection2 = 1 / Math.fround(by.correction2)
  const epsilon = Math.fround(by.epsilon)
  const decay = Math.fround(by.decay)
  const stepSize = Math.fround(-by.stepSize)
  for (let i = 0; i < length; i++) {
    const g = gradient[start + i] as number
    const mean = Math.fround(Math.fround((m[i] as number) * beta1) + g * rest1)
    const square = Math.fround(Math.fround((v[i] as number) * beta2) + Math.fround(rest2 * g) * g)
    m[i] = mean
    v[i] = square
    const denominator = Math.fround(Math.fround(Math.fround(Math.sqrt(square)) * perCorrection2) + epsilon)
    const update = Math.fround(Math.fround(stepSize * mean) / denominator)
    weights[start + i] = Math.fround((weights[start + i] as number) * decay) + update
  }
}

function largestMagnitude(values: Float32Array, length: number): number {
  let largest = 0
  for (let i = 0; i < length; i++) {
    const magnitude = Math.abs(values[i] as number)
    if (magnitude > largest) largest = magnitude
  }
  return largest
}
