/**
 * The float32 Box-Muller transform of PyTorch's AVX2 kernel (`normal_fill_16_AVX2`), one lane at a time and bit for bit:
 * Cephes polynomials for log, sin and cos, with every multiply-add fused as GCC contracts it.
 * Source of the polynomials: Cephes `logf`, `sinf`, `cosf` (S. Moshier); of the order: PyTorch's avx_mathfun.h.
 */

const float32 = Math.fround
const double = new Float64Array(1)
const doubleWords = new Uint32Array(double.buffer)
const single = new Float32Array(1)
const singleBits = new Uint32Array(single.buffer)

/**
 * a*b + c of float32 values, rounded once to float32. The product is exact in a double; the sum is rounded there first,
 * which can only go wrong where it lands midway between two float32 values, so only then is the lost part looked up.
 */
function fusedMultiplyAdd(a: number, b: number, c: number): number {
  const product = a * b
  const sum = product + c
  double[0] = sum
  const low = doubleWords[0] as number
  if ((low & 0x1fffffff) === 0x10000000) {
    const back = sum - product
    const lost = product - (sum - back) + (c - back)
    if (lost !== 0) {
      // One step towards the lost part breaks the tie as the exact sum would.
      const away = lost > 0 === sum > 0
      doubleWords[0] = away ? low + 1 : low - 1
      return float32(double[0] as number)
    }
  }
  return float32(sum)
}

const squareRootOfHalf = float32(Math.SQRT1_2)
const logCoefficients = [
  -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1,
  -2.4999993993e-1, 3.3333331174e-1,
].map(float32)
const logFirst = float32(7.0376836292e-2)
const logTwoLow = float32(-2.1219444e-4)
const logTwoHigh = 0.693359375

/** Natural logarithm of a float32 in (0, 1]. */
function logarithm(value: number): number {
  single[0] = Math.max(value, 2 ** -126)
  const bits = singleBits[0] as number
  singleBits[0] = (bits & 0x807fffff) | 0x3f000000
  let x = single[0] as number
  let exponent = (bits >>> 23) - 0x7f + 1
  if (x < squareRootOfHalf) {
    exponent -= 1
    x = float32(float32(x - 1) + x)
  } else x = float32(x - 1)
  const z = float32(x * x)
  let y = logFirst
  for (const coefficient of logCoefficients) y = fusedMultiplyAdd(y, x, coefficient)
  y = float32(y * x)
  y = fusedMultiplyAdd(y, z, float32(exponent * logTwoLow))
  y = fusedMultiplyAdd(-z, 0.5, y)
  return fusedMultiplyAdd(exponent, logTwoHigh, float32(x + y))
}

const fourOverPi = float32(1.27323954473516)
const reduction = [-0.78515625, -2.4187564849853516e-4, -3.774894977445941e-8].map(float32)
const [cosine0, cosine1, cosine2] = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2].map(
  float32,
) as [number, number, number]
const [sine0, sine1, sine2] = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1].map(float32) as [
  number,
  number,
  number,
]

/** Sine and cosine of a float32 in [0, 2 pi]. */
function sineAndCosine(angle: number): [sine: number, cosine: number] {
  const octant = (Math.trunc(float32(angle * fourOverPi)) + 1) & ~1
  let x = angle
  for (const part of reduction) x = fusedMultiplyAdd(octant, part, x)
  const z = float32(x * x)
  let cosine = fusedMultiplyAdd(fusedMultiplyAdd(cosine0, z, cosine1), z, cosine2)
  cosine = float32(cosine * z)
  cosine = float32(fusedMultiplyAdd(cosine, z, -float32(z * 0.5)) + 1)
  let sine = fusedMultiplyAdd(fusedMultiplyAdd(sine0, z, sine1), z, sine2)
  sine = fusedMultiplyAdd(float32(sine * z), x, x)
  const swapped = (octant & 2) !== 0
  const sineValue = swapped ? cosine : sine
  const cosineValue = swapped ? sine : cosine
  return [(octant & 4) !== 0 ? -sineValue : sineValue, ((octant - 2) & 4) === 0 ? -cosineValue : cosineValue]
}

const twoPi = float32(2 * Math.PI)

/** Turns the 16 uniforms in [0, 1) at `offset` into 16 normals in place; lane j pairs with lane j+8. */
export function boxMuller16(values: Float32Array, offset: number, mean: number, standardDeviation: number): void {
  for (let j = offset; j < offset + 8; j++) {
    const radius = float32(Math.sqrt(float32(-2 * logarithm(float32(1 - (values[j] as number))))))
    const [sine, cosine] = sineAndCosine(float32(twoPi * (values[j + 8] as number)))
    values[j] = fusedMultiplyAdd(float32(radius * cosine), standardDeviation, mean)
    values[j + 8] = fusedMultiplyAdd(float32(radius * sine), standardDeviation, mean)
  }
}
