import assert from "node:assert/strict"
import { test } from "node:test"
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./floats.ts"

const allCodes = Uint16Array.from({ length: 65536 }, (_, i) => i)
const isNaN16 = (code: number, infinity: number) => (code & 0x7fff) > infinity

test("every binary16 code has the value that the formula of IEEE 754 gives, and returns to itself", () => {
  const values = float16ToFloat32(allCodes)
  const back = float32ToFloat16(values)
  for (let code = 0; code < 65536; code++) {
    const value = values[code] as number
    if (isNaN16(code, 0x7c00)) {
      assert.ok(Number.isNaN(value))
      assert.ok(isNaN16(back[code] as number, 0x7c00))
      continue
    }
    const exponent = (code >> 10) & 31
    const fraction = (code & 1023) / 1024
    const magnitude =
      exponent === 31
        ? Number.POSITIVE_INFINITY
        : exponent
          ? (1 + fraction) * 2 ** (exponent - 15)
          : fraction * 2 ** -14
    if (!Object.is(value, code & 0x8000 ? -magnitude : magnitude)) assert.fail(`code ${code}: ${value}`)
    if (back[code] !== code) assert.fail(`code ${code} came back as ${back[code]}`)
  }
})

/** Midpoints of neighbours go to the even code, their float32 neighbours to the nearer one. */
function checkRounding(
  toFloat: (c: Uint16Array) => Float32Array,
  fromFloat: (v: Float32Array) => Uint16Array,
  infinity: number,
) {
  const values = toFloat(allCodes)
  const middles = new Float32Array(infinity)
  for (let code = 0; code < infinity; code++) {
    const low = values[code] as number
    // The neighbour of the largest finite value is where the next exponent would begin.
    const high = code + 1 < infinity ? (values[code + 1] as number) : low + (low - (values[code - 1] as number))
    middles[code] = low + (high - low) / 2
  }
  const bits = new Int32Array(middles.buffer)
  const at = (step: number) => fromFloat(new Float32Array(bits.map((b) => b + step).buffer))
  const [below, middle, above] = [at(-1), at(0), at(1)]
  const negative = fromFloat(middles.map((v) => -v))
  for (let code = 0; code < infinity; code++) {
    const even = code % 2 === 0 ? code : code + 1
    const got = [below[code], middle[code], above[code], negative[code]]
    const wanted = [code, even, code + 1, even | 0x8000]
    if (got.some((g, i) => g !== wanted[i])) assert.fail(`around code ${code}: got ${got}, wanted ${wanted}`)
  }
}

test("float32 rounds to the nearest binary16, ties to even, on both sides of every midpoint", () => {
  checkRounding(float16ToFloat32, float32ToFloat16, 0x7c00)
})

test("float32 rounds to the nearest bfloat16, ties to even, on both sides of every midpoint", () => {
  checkRounding(bfloat16ToFloat32, float32ToBfloat16, 0x7f80)
})

test("every bfloat16 code returns to itself, NaN to NaN", () => {
  const back = float32ToBfloat16(bfloat16ToFloat32(allCodes))
  for (let code = 0; code < 65536; code++) {
    if (isNaN16(code, 0x7f80)) assert.ok(isNaN16(back[code] as number, 0x7f80))
    else assert.equal(back[code], code)
  }
})

test("values outside the range become infinity or zero with their sign, NaN stays NaN", () => {
  const values = new Float32Array([1e30, -1e30, 65519.99, 65520, 2 ** -25, -(2 ** -26), -1e-40, Number.NaN])
  assert.deepEqual([...float32ToFloat16(values)], [0x7c00, 0xfc00, 0x7bff, 0x7c00, 0, 0x8000, 0x8000, 0x7e00])
  const nan = new Float32Array(new Uint32Array([0x7f800001]).buffer)
  assert.ok(Number.isNaN(bfloat16ToFloat32(float32ToBfloat16(nan))[0]))
})
