/**
 * Half precision <-> single precision on whole arrays. Halves are carried as their bit patterns (Uint16Array), because
 * neither binary16 nor bfloat16 has a typed array on every supported Node. To 16 bits, both round to nearest even
 * (IEEE 754) and keep infinities and the sign of zero; a NaN becomes a quiet NaN.
 */

/** All 65 536 binary16 values; built on first use (256 KiB). */
let float16Values: Float32Array | undefined

function float16Table(): Float32Array {
  if (float16Values) return float16Values
  const table = new Float32Array(65536)
  for (let code = 0; code < 65536; code++) {
    const sign = code & 0x8000 ? -1 : 1
    const exponent = (code >> 10) & 0x1f
    const fraction = code & 0x3ff
    if (exponent === 0x1f) table[code] = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
    else if (exponent === 0) table[code] = sign * fraction * 2 ** -24
    else table[code] = sign * (1024 + fraction) * 2 ** (exponent - 25)
  }
  float16Values = table
  return table
}

/** binary16 bit patterns to float32, exactly. */
export function float16ToFloat32(codes: Uint16Array): Float32Array {
  const table = float16Table()
  const values = new Float32Array(codes.length)
  for (let i = 0; i < codes.length; i++) values[i] = table[codes[i] as number] as number
  return values
}

/** float32 to binary16 bit patterns; from 65520 on upwards they become infinity. */
export function float32ToFloat16(values: Float32Array): Uint16Array {
  const codes = new Uint16Array(values.length)
  const bits = bitsOf(values)
  const scratch = new Float32Array(1)
  const scratchBits = new Uint32Array(scratch.buffer)
  for (let i = 0; i < codes.length; i++) {
    const word = bits[i] as number
    const sign = (word >>> 16) & 0x8000
    const magnitude = word & 0x7fffffff
    if (magnitude > 0x7f800000) codes[i] = sign | 0x7e00
    else if (magnitude >= 0x47800000) codes[i] = sign | 0x7c00
    else if (magnitude >= 0x38800000) {
      // Normal: move the exponent's bias from 127 to 15 and round the 13 dropped bits; a carry may reach infinity.
      codes[i] = sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13)
    } else {
      // Subnormal: adding 0.5 lets the FPU round to a multiple of 2^-24, which then sits in the lowest bits.
      scratchBits[0] = magnitude
      scratch[0] = (scratch[0] as number) + 0.5
      codes[i] = sign | ((scratchBits[0] as number) - 0x3f000000)
    }
  }
  return codes
}

/** bfloat16 bit patterns to float32, exactly. */
export function bfloat16ToFloat32(codes: Uint16Array): Float32Array {
  const bits = new Uint32Array(codes.length)
  for (let i = 0; i < codes.length; i++) bits[i] = (codes[i] as number) << 16
  return new Float32Array(bits.buffer)
}

/** float32 to bfloat16 bit patterns. */
export function float32ToBfloat16(values: Float32Array): Uint16Array {
  const codes = new Uint16Array(values.length)
  const bits = bitsOf(values)
  for (let i = 0; i < codes.length; i++) {
    const word = bits[i] as number
    if ((word & 0x7fffffff) > 0x7f800000) codes[i] = (word >>> 16) | 0x40
    else codes[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
  }
  return codes
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length)
}
