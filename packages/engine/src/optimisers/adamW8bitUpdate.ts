/** One update of AdamW with moments in 8 bits: the arithmetic, for whichever thread does it. */
import type { AdamWStep } from "./adamWUpdate.ts"
import {
  type BlockScratch,
  blockSize,
  createBlockScratch,
  createDynamicMap,
  quantiseBlock,
} from "./dynamicQuantisation.ts"

/** Moments of a large tensor: a code per element and a scale per block of 256. */
export interface QuantisedMoments {
  readonly first: Uint8Array
  readonly firstAbsmax: Float32Array
  readonly second: Uint8Array
  readonly secondAbsmax: Float32Array
}

/** Codebooks and scratch memory are a thread's: stepping is synchronous. */
const firstMap = createDynamicMap(true)
const secondMap = createDynamicMap(false)
const firstScratch = createBlockScratch()
const secondScratch = createBlockScratch()
/** The codes of 0, which fill new moments. */
export const zeroCode = { first: firstMap.values.indexOf(0), second: secondMap.values.indexOf(0) }

/**
 * One update in place of the elements from `start`, where a block begins, to before `end`: weights with the new moments as
 * they are, then the moments rounded to their codes.
 */
export function updateAdamW8bit(
  weights: Float32Array,
  gradient: Float32Array,
  moments: QuantisedMoments,
  by: AdamWStep,
  start: number,
  end: number,
): void {
  const { first, firstAbsmax, second, secondAbsmax } = moments
  for (let at = start, block = start / blockSize; at < end; at += blockSize, block++) {
    const length = Math.min(blockSize, end - at)
    dequantiseBlock(first, at, length, firstAbsmax[block] as number, firstMap.values, firstScratch)
    dequantiseBlock(second, at, length, secondAbsmax[block] as number, secondMap.values, secondScratch)
    updateBlock(weights, gradient, at, length, by)
    const firstLargest = largestMagnitude(firstScratch.values, length)
    const secondLargest = largestMagnitude(secondScratch.values, length)
    firstAbsmax[block] = quantiseBlock(firstScratch, length, firstLargest, firstMap, first, at)
    secondAbsmax[block] = quantiseBlock(secondScratch, length, secondLargest, secondMap, second, at)
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
