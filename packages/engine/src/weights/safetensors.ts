/** Reading safetensors files (huggingface.co/docs/safetensors), strictly; the rules are in safetensorsHeader.ts. */
import { type FileHandle, open, realpath } from "node:fs/promises"
import { bytesPerElement, type TensorData, typedArrayOf } from "./dataType.ts"
import { bfloat16ToFloat32, float16ToFloat32 } from "./floats.ts"
import {
  headerLimits,
  parseHeader,
  SafetensorsError,
  type SafetensorsHeader,
  type TensorEntry,
} from "./safetensorsHeader.ts"

export { SafetensorsError, type TensorEntry } from "./safetensorsHeader.ts"

/** An open description of a file: no file handle is held. `path` is the real path, symbolic links resolved. */
export interface SafetensorsFile extends SafetensorsHeader {
  readonly path: string
}

/** Reads and checks the header. @throws SafetensorsError when the file is damaged or hostile. */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const real = await realpath(path)
  await using file = await open(real, "r")
  const { size } = await file.stat()
  const reject = (what: string): never => {
    throw new SafetensorsError(`${path} is not a valid safetensors file: ${what}.`)
  }
  if (size < 8) reject(`it has ${size} bytes, fewer than the 8 of the header's length`)
  const length = new DataView((await readBytes(file, 0, 8, path)).buffer).getBigUint64(0, true)
  if (length > BigInt(size - 8)) reject(`its header of ${length} bytes ends after the end of the file`)
  if (length > BigInt(headerLimits.bytes)) reject(`its header has ${length} bytes, more than ${headerLimits.bytes}`)
  if (length < 2n) reject("its header is empty")
  const header = parseHeader(await readBytes(file, 8, Number(length), path), size, path)
  return { path: real, ...header }
}

/** One tensor as it is stored; F16 and BF16 as bit patterns. @throws SafetensorsError when there is no such tensor. */
export async function readTensor(file: SafetensorsFile, name: string): Promise<TensorData> {
  const entry = entryOf(file, name)
  await using handle = await open(file.path, "r")
  return readEntry(handle, entry, file.path)
}

/** Bytes that are read and given on at once: memory stays small however large a tensor is. */
const pieceBytes = 2 ** 23

/** A part of a file, piece by piece; every piece but the last has a multiple of 64 bytes. */
export async function* readPieces(
  path: string,
  { byteOffset, byteLength }: Pick<TensorEntry, "byteOffset" | "byteLength">,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  await using handle = await open(path, "r")
  for (let done = 0; done < byteLength; done += pieceBytes)
    yield await readBytes(handle, byteOffset + done, Math.min(pieceBytes, byteLength - done), path)
}

/** One tensor of F64, F32, F16 or BF16 as float32. @throws SafetensorsError for other types. */
export async function readFloat32(file: SafetensorsFile, name: string): Promise<Float32Array> {
  return toFloat32(await readTensor(file, name), `Tensor "${name}" of ${file.path}`)
}

/** All tensors of a file, in the order in which they lie. Holds the whole file in memory. */
export async function readTensors(path: string): Promise<Map<string, TensorData>> {
  const file = await openSafetensors(path)
  await using handle = await open(file.path, "r")
  const tensors = new Map<string, TensorData>()
  for (const entry of file.tensors.values()) tensors.set(entry.name, await readEntry(handle, entry, file.path))
  return tensors
}

/** Values as float32; an F32 tensor's own array, not a copy. `what` begins the error's sentence. */
function toFloat32({ dataType, data }: TensorData, what: string): Float32Array {
  if (data instanceof Float32Array) return data
  if (data instanceof Float64Array) return Float32Array.from(data)
  if (data instanceof Uint16Array && dataType === "F16") return float16ToFloat32(data)
  if (data instanceof Uint16Array && dataType === "BF16") return bfloat16ToFloat32(data)
  throw new SafetensorsError(`${what} holds ${dataType}; wanted F64, F32, F16 or BF16.`)
}

function entryOf(file: SafetensorsFile, name: string): TensorEntry {
  const entry = file.tensors.get(name)
  if (entry) return entry
  throw new SafetensorsError(`${file.path} has no tensor "${name}"; it has ${file.tensors.size} others.`)
}

async function readEntry(handle: FileHandle, entry: TensorEntry, path: string): Promise<TensorData> {
  const { dataType, shape } = entry
  const bytes = await readBytes(handle, entry.byteOffset, entry.byteLength, path)
  if (bytes.byteLength % bytesPerElement[dataType] !== 0)
    throw new SafetensorsError(`${path} changed while being read.`)
  return { dataType, shape, data: typedArrayOf(dataType, bytes) }
}

/** Exactly `length` bytes in a buffer of their own, so that any typed array may view them. */
async function readBytes(
  handle: FileHandle,
  position: number,
  length: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  // One read call moves at most 2^31 - 1 bytes.
  for (let done = 0; done < length; ) {
    const wanted = Math.min(length - done, 2 ** 30)
    const { bytesRead } = await handle.read(bytes, done, wanted, position + done)
    if (bytesRead === 0) throw new SafetensorsError(`${path} ended ${length - done} bytes too early: did it change?`)
    done += bytesRead
  }
  return bytes
}
