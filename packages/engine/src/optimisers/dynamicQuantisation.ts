/**
 * Blockwise dynamic 8-bit quantisation: Dettmers et al. 2021, "8-bit Optimizers via Block-wise Quantization"
 * (arXiv 2110.02861). A block of 256 values is divided by its largest magnitude; each quotient becomes the index of the
 * nearest value of a fixed codebook. Numerically bitsandbytes' pure PyTorch path
 * (bitsandbytes/backends/triton/kernels_8bit_optim.py).
 */

export const blockSize = 256

/** A codebook with what finds the nearest value fast. */
export interface DynamicMap {
  /** 256 ascending values, index = code. */
  readonly values: Float32Array
  /**
   * By the top 16 bits of a float32: the code for low bits of 0 in the lowest byte, above it the largest low bits that
   * still have that code. At most one border lies between two floats of equal top bits; beyond it the code is one more
   * (one less for negative floats, whose magnitude grows with their bits). Integers, for a branch here is unpredictable.
   */
  readonly table: Int32Array
}

/** Seven decades, each with twice as many values as the one below it; plus 0 and 1 (create_dynamic_map). */
export function createDynamicMap(signed: boolean): DynamicMap {
  const list = [0, 1]
  for (let decade = 0; decade < 7; decade++) {
    const intervals = signed ? 2 ** decade : 2 ** (decade + 1)
    const scale = Math.fround(10 ** (decade - 6))
    for (let i = 0; i < intervals; i++) {
      const mean = Math.fround(Math.fround(linspace(i, intervals) + linspace(i + 1, intervals)) / 2)
      const value = Math.fround(scale * mean)
      list.push(value)
      if (signed) list.push(-value)
    }
  }
  return indexCodebook(Float32Array.from(list).sort())
}

/**
 * torch.linspace(0.1, 1, intervals + 1)[i] in float32: counts from the nearer end, each by one fused multiply-add. The
 * product of two floats is exact in float64, so a single rounding follows here too.
 */
function linspace(i: number, intervals: number): number {
  const start = Math.fround(0.1)
  const width = Math.fround(Math.fround(1 - start) / intervals)
  const last = intervals - i
  return Math.fround(i < last ? start + width * i : 1 - width * last)
}

function indexCodebook(values: Float32Array): DynamicMap {
  const bits = new Uint32Array(1)
  const float = new Float32Array(bits.buffer)
  // Distances rounded to float32 as PyTorch's are, ties to the lower code as its argmin does.
  const distance = (value: number, code: number) => Math.abs(Math.fround(value - (values[code] as number)))
  const nearest = (word: number): number => {
    bits[0] = word
    const value = float[0] as number
    let low = 0
    let high = 255
    while (low < high) {
      const code = (low + high) >> 1
      if (distance(value, code + 1) < distance(value, code)) low = code + 1
      else high = code
    }
    return low
  }
  const table = new Int32Array(65536)
  for (let top = 0; top < 65536; top++) {
    // From 2 upwards (infinity and NaN included) nothing needs a code: quotients are at most 1.
    if ((top & 0x7fff) >= 0x4000) continue
    const word = top * 65536
    const code = nearest(word)
    let border = 65535
    if (nearest(word + border) !== code) {
      if (Math.abs(nearest(word + border) - code) > 1) throw new RangeError("The codebook is too dense for 16 bits.")
      let beyond = border
      border = 0
      while (beyond - border > 1) {
        const between = (border + beyond) >> 1
        if (nearest(word + between) === code) border = between
        else beyond = between
      }
    }
    table[top] = (border << 8) | code
  }
  return { values, table }
}

/** A block's values with a view of their bits: what `quantiseBlock` reads. */
export interface BlockScratch {
  readonly values: Float32Array
  readonly bits: Int32Array
}

export function createBlockScratch(): BlockScratch {
  const values = new Float32Array(blockSize)
  return { values, bits: new Int32Array(values.buffer) }
}

/**
 * Quantises scratch.values[0, length) to codes[offset, offset + length); overwrites the scratch.
 * @param largest the block's largest magnitude; 0 makes a block of zeros
 * @returns what the values were divided by and must be multiplied with: `largest`, or 1 for a block of zeros
 */
export function quantiseBlock(
  scratch: BlockScratch,
  length: number,
  largest: number,
  map: DynamicMap,
  codes: Uint8Array,
  offset: number,
): number {
  const { values, bits } = scratch
  const { table } = map
  const scale = largest === 0 ? 1 : largest
  // In float64 this is the division rounded to float32: a quotient of floats is never nearly between two floats.
  const reciprocal = 1 / scale
  for (let i = 0; i < length; i++) values[i] = (values[i] as number) * reciprocal
  for (let i = 0; i < length; i++) {
    const word = bits[i] as number
    const entry = table[word >>> 16] as number
    // -1 where the value lies beyond the border, -1 where it is negative.
    const beyond = ((entry >> 8) - (word & 0xffff)) >> 31
    const negative = word >> 31
    codes[offset + i] = (entry & 0xff) - ((beyond ^ negative) - negative)
  }
  return scale
}

/** A whole array: one code per element and one scale per block of 256. */
export function quantise(source: Float32Array, map: DynamicMap): { codes: Uint8Array; absmax: Float32Array } {
  const codes = new Uint8Array(source.length)
  const absmax = new Float32Array(Math.ceil(source.length / blockSize))
  const scratch = createBlockScratch()
  for (let block = 0; block < absmax.length; block++) {
    const part = source.subarray(block * blockSize, (block + 1) * blockSize)
    scratch.values.set(part)
    let largest = 0
    for (const value of part) largest = Math.max(largest, Math.abs(value))
    absmax[block] = quantiseBlock(scratch, part.length, largest, map, codes, block * blockSize)
  }
  return { codes, absmax }
}

export function dequantise(codes: Uint8Array, absmax: Float32Array, map: DynamicMap): Float32Array {
  const values = new Float32Array(codes.length)
  for (let i = 0; i < codes.length; i++) {
    values[i] = (map.values[codes[i] as number] as number) * (absmax[Math.floor(i / blockSize)] as number)
  }
  return values
}
