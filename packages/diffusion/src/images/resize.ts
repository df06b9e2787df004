import { ImageError, type RgbImage } from "./rgbImage.ts"

export type Resampling = "bilinear" | "bicubic" | "lanczos"

interface Filter {
  /** Half width in source pixels at scale 1. */
  readonly support: number
  weight(x: number): number
}

const filters: Readonly<Record<Resampling, Filter>> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, weight: bicubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
}

/** Bits after the point of Pillow's coefficients: 32 - 8 (pixel) - 2 (overshoot of the kernel). */
const precision = 22

/**
 * Resizes as Pillow's Image.resize does, byte for byte (src/libImaging/Resample.c, the 8-bit path): the filter is
 * widened by the scale when shrinking, coefficients are fixed point, rows first, then columns, with 8 bits between.
 *
 * @throws ImageError when a side is not a whole number from 1 to 65535.
 */
export function resize(image: RgbImage, width: number, height: number, resampling: Resampling = "bilinear"): RgbImage {
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 1 || side > 65_535) {
      throw new ImageError(
        `A picture cannot be resized to ${width} x ${height}: sides are whole numbers from 1 to 65535.`,
      )
    }
  }
  const filter = filters[resampling]
  let { rgb } = image
  if (width !== image.width) rgb = resizeRows(rgb, image.width, image.height, width, filter)
  if (height !== image.height) rgb = resizeColumns(rgb, width, image.height, height, filter)
  return { width, height, rgb: rgb === image.rgb ? rgb.slice() : rgb }
}

interface Coefficients {
  /** First source pixel of each output pixel. */
  readonly first: Int32Array
  readonly count: Int32Array
  /** weights[output * taps + i], fixed point. */
  readonly weights: Int32Array
  readonly taps: number
}

/** precompute_coeffs and normalize_coeffs_8bpc of Resample.c, for the whole source. */
function coefficients(from: number, to: number, filter: Filter): Coefficients {
  const scale = from / to
  const filterScale = Math.max(scale, 1)
  const support = filter.support * filterScale
  const taps = Math.ceil(support) * 2 + 1
  const inverse = 1 / filterScale
  const first = new Int32Array(to)
  const count = new Int32Array(to)
  const weights = new Int32Array(to * taps)
  const window = new Float64Array(taps)
  for (let output = 0; output < to; output++) {
    const center = (output + 0.5) * scale
    const low = Math.max(0, Math.trunc(center - support + 0.5))
    const length = Math.min(from, Math.trunc(center + support + 0.5)) - low
    let sum = 0
    for (let i = 0; i < length; i++) {
      const weight = filter.weight((i + low - center + 0.5) * inverse)
      window[i] = weight
      sum += weight
    }
    for (let i = 0; i < length; i++) {
      const weight = sum === 0 ? (window[i] ?? 0) : (window[i] ?? 0) / sum
      // Half away from zero, as C's (int)(x ± 0.5).
      weights[output * taps + i] = Math.trunc((weight < 0 ? -0.5 : 0.5) + weight * (1 << precision))
    }
    first[output] = low
    count[output] = length
  }
  return { first, count, weights, taps }
}

function resizeRows(source: Uint8Array, from: number, height: number, to: number, filter: Filter): Uint8Array {
  const { first, count, weights, taps } = coefficients(from, to, filter)
  const result = new Uint8ClampedArray(to * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < to; x++) {
      let red = 1 << (precision - 1)
      let green = red
      let blue = red
      let at = (y * from + (first[x] ?? 0)) * 3
      const start = x * taps
      const end = start + (count[x] ?? 0)
      for (let i = start; i < end; i++, at += 3) {
        const weight = weights[i] as number
        red += (source[at] as number) * weight
        green += (source[at + 1] as number) * weight
        blue += (source[at + 2] as number) * weight
      }
      const target = (y * to + x) * 3
      result[target] = red >> precision
      result[target + 1] = green >> precision
      result[target + 2] = blue >> precision
    }
  }
  return new Uint8Array(result.buffer)
}

function resizeColumns(source: Uint8Array, width: number, from: number, to: number, filter: Filter): Uint8Array {
  const { first, count, weights, taps } = coefficients(from, to, filter)
  const stride = width * 3
  const result = new Uint8ClampedArray(to * stride)
  const sums = new Int32Array(stride)
  for (let y = 0; y < to; y++) {
    sums.fill(1 << (precision - 1))
    for (let i = 0; i < (count[y] ?? 0); i++) {
      const weight = weights[y * taps + i] as number
      const row = ((first[y] ?? 0) + i) * stride
      for (let at = 0; at < stride; at++) sums[at] = (sums[at] as number) + (source[row + at] as number) * weight
    }
    for (let at = 0; at < stride; at++) result[y * stride + at] = (sums[at] as number) >> precision
  }
  return new Uint8Array(result.buffer)
}

/** Keys' cubic with a = -0.5, as Pillow's. */
function bicubic(value: number): number {
  const a = -0.5
  const x = Math.abs(value)
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
}
