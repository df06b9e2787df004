/** The number types of safetensors files that Fjord reads and writes, and the typed arrays that carry them. */

/** Sizes in bytes per element, by the format's own names. */
export const bytesPerElement = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  U16: 2,
  U32: 4,
  BOOL: 1,
} as const

export type DataType = keyof typeof bytesPerElement

/** F16 and BF16 are carried as bit patterns (see floats.ts), BOOL as bytes 0 and 1. */
export type TypedArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint16Array
  | Uint32Array

/** A tensor in memory: `data` holds product(shape) elements in row-major order. */
export interface TensorData {
  readonly dataType: DataType
  readonly shape: readonly number[]
  readonly data: TypedArray
}

export function isDataType(name: unknown): name is DataType {
  return typeof name === "string" && Object.hasOwn(bytesPerElement, name)
}

/** Bytes as an array of that type; a view, so `bytes` must start at a multiple of the element size in its buffer. */
export function typedArrayOf(dataType: DataType, bytes: Uint8Array): TypedArray {
  const length = bytes.byteLength / bytesPerElement[dataType]
  const { buffer, byteOffset } = bytes
  switch (dataType) {
    case "F64":
      return new Float64Array(buffer, byteOffset, length)
    case "F32":
      return new Float32Array(buffer, byteOffset, length)
    case "I64":
      return new BigInt64Array(buffer, byteOffset, length)
    case "I32":
      return new Int32Array(buffer, byteOffset, length)
    case "I16":
      return new Int16Array(buffer, byteOffset, length)
    case "I8":
      return new Int8Array(buffer, byteOffset, length)
    case "U32":
      return new Uint32Array(buffer, byteOffset, length)
    case "U16":
    case "F16":
    case "BF16":
      return new Uint16Array(buffer, byteOffset, length)
    case "U8":
    case "BOOL":
      return bytes
  }
}

/** The type that a typed array holds when nothing else is said: Uint16Array is U16, Uint8Array is U8. */
export function dataTypeOf(data: TypedArray): DataType {
  if (data instanceof Float32Array) return "F32"
  if (data instanceof Float64Array) return "F64"
  if (data instanceof BigInt64Array) return "I64"
  if (data instanceof Int32Array) return "I32"
  if (data instanceof Int16Array) return "I16"
  if (data instanceof Int8Array) return "I8"
  if (data instanceof Uint32Array) return "U32"
  return data instanceof Uint16Array ? "U16" : "U8"
}
