/** Weights on their way from one file to another: ranges of bytes, converted piece by piece, never a whole model in memory. */

import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
  readPieces,
  type StoredType,
  type StreamedTensor,
} from "@fjord/engine"

/** The types that weights come in and go out as. */
export type WeightType = "F32" | "F16" | "BF16"

/** A tensor, or some of its first axis, as it lies in a file. */
export interface StoredTensor {
  readonly path: string
  readonly dataType: StoredType
  readonly shape: readonly number[]
  readonly byteOffset: number
  readonly byteLength: number
}

/** `count` equal parts of the first axis: [3 C, C] makes three of [C, C]. */
export function splitRows(stored: StoredTensor, count: number): StoredTensor[] {
  const [rows = 0, ...rest] = stored.shape
  if (rows % count !== 0) throw new Error(`${stored.path}: ${rows} rows cannot be split into ${count} equal parts.`)
  const byteLength = stored.byteLength / count
  return Array.from({ length: count }, (_, i) => ({
    ...stored,
    shape: [rows / count, ...rest],
    byteOffset: stored.byteOffset + i * byteLength,
    byteLength,
  }))
}

interface CopyOptions {
  /** Type to convert to; absent keeps each tensor's own. */
  readonly dataType?: WeightType | undefined
  /** Shape to write, of as many numbers. */
  readonly shape?: readonly number[]
  /** Swap the two axes of a matrix. */
  readonly transposed?: boolean
}

/** The parts one below the other as one tensor. @throws where parts differ in type, or a type is no weight's. */
export function copied(
  name: string,
  parts: readonly [StoredTensor, ...StoredTensor[]],
  options: CopyOptions = {},
): StreamedTensor {
  const [first] = parts
  const to = options.dataType ?? weightType(name, first)
  for (const part of parts) weightType(name, part)
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 1), 0)
  const whole = first.shape.length === 0 ? [] : [rows, ...first.shape.slice(1)]
  const shape = options.shape ?? (options.transposed ? whole.toReversed() : whole)
  return {
    name,
    dataType: to,
    shape,
    async *bytes() {
      if (options.transposed) {
        const numbers = new Float32Array(whole.reduce((product, n) => product * n, 1))
        let done = 0
        for (const part of parts)
          for await (const piece of float32Pieces(part)) {
            numbers.set(piece, done)
            done += piece.length
          }
        yield toBytes(transposedMatrix(numbers, whole[0] ?? 1, whole[1] ?? 1), to, name)
        return
      }
      for (const part of parts) {
        if (part.dataType === to) yield* readPieces(part.path, part)
        else for await (const piece of float32Pieces(part)) yield toBytes(piece, to, name)
      }
    },
  }
}

function weightType(name: string, { dataType, path }: StoredTensor): WeightType {
  if (dataType === "F64") return "F32"
  if (dataType === "F32" || dataType === "F16" || dataType === "BF16") return dataType
  throw new Error(`${path} holds ${name} as ${dataType}; weights must be F64, F32, F16 or BF16.`)
}

/** The numbers of a stored tensor, a few million at a time. */
async function* float32Pieces(stored: StoredTensor): AsyncGenerator<Float32Array> {
  for await (const { buffer } of readPieces(stored.path, stored)) {
    if (stored.dataType === "F16") yield float16ToFloat32(new Uint16Array(buffer))
    else if (stored.dataType === "BF16") yield bfloat16ToFloat32(new Uint16Array(buffer))
    else if (stored.dataType === "F64") yield Float32Array.from(new Float64Array(buffer))
    else yield new Float32Array(buffer)
  }
}

/** All numbers of a stored tensor. */
export async function readNumbers(stored: StoredTensor): Promise<Float32Array> {
  const numbers = new Float32Array(stored.shape.reduce((product, n) => product * n, 1))
  let done = 0
  for await (const piece of float32Pieces(stored)) {
    numbers.set(piece, done)
    done += piece.length
  }
  return numbers
}

/** @throws where a finite number would become infinite in 16 bits. */
export function toBytes(numbers: Float32Array, to: WeightType, name: string): Uint8Array {
  if (to === "F32") return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
  const bits = to === "F16" ? float32ToFloat16(numbers) : float32ToBfloat16(numbers)
  if (to === "F16") {
    const lost = bits.findIndex((value, i) => (value & 0x7fff) === 0x7c00 && Number.isFinite(numbers[i]))
    if (lost >= 0)
      throw new Error(
        `${name} has the value ${numbers[lost]}, too large for float16 (at most 65504); keep float32 for this model.`,
      )
  }
  return new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength)
}

function transposedMatrix(numbers: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(numbers.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = numbers[row * columns + column] as number
  return result
}
