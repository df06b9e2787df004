import { readFile } from "node:fs/promises"

export type TensorValues =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Uint8Array
  | Int32Array
  | Uint32Array
  | Uint16Array

export interface ReadTensor {
  readonly shape: number[]
  readonly data: TensorValues
  /** The file's own name of the type: F32, F64, I64, U8, BOOL, I32, U32, U16, F16, BF16. */
  readonly dtype: string
}

const arrayOf = {
  F32: Float32Array,
  F64: Float64Array,
  I64: BigInt64Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
  I32: Int32Array,
  U32: Uint32Array,
  U16: Uint16Array,
  F16: Uint16Array,
  BF16: Uint16Array,
} as const

type Header = Record<string, { dtype: keyof typeof arrayOf; shape: number[]; data_offsets: [number, number] }>

/** Reads a whole safetensors file: reference data only, so nothing about it is distrusted. */
export async function readTensors(
  path: string,
): Promise<{ tensors: Map<string, ReadTensor>; metadata: Record<string, string> }> {
  const file = await readFile(path)
  const headerEnd = 8 + Number(file.readBigUInt64LE(0))
  const header = JSON.parse(file.toString("utf8", 8, headerEnd)) as Header & { __metadata__?: Record<string, string> }
  const { __metadata__: metadata = {}, ...entries } = header
  const tensors = new Map<string, ReadTensor>()
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries(entries as Header)) {
    // A copy, because typed arrays demand an aligned start.
    const bytes = Uint8Array.from(file.subarray(headerEnd + offsets[0], headerEnd + offsets[1])).buffer
    tensors.set(name, { shape, data: new arrayOf[dtype](bytes), dtype })
  }
  return { tensors, metadata }
}

/** The values as numbers; 64-bit integers are converted, which is exact below 2^53. */
export function asNumbers(tensor: ReadTensor | undefined): ArrayLike<number> {
  if (tensor === undefined) return []
  return tensor.data instanceof BigInt64Array ? Float64Array.from(tensor.data, Number) : tensor.data
}
