/** Writing safetensors files: streaming, atomic, the same bytes for the same tensors. */
import { randomUUID } from "node:crypto"
import { type FileHandle, open, rename, rm } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { bytesPerElement, type DataType, type TensorData } from "./dataType.ts"
import { headerLimits, SafetensorsError } from "./safetensorsHeader.ts"

/** A tensor and its key in the file. */
export interface NamedTensor extends TensorData {
  readonly name: string
}

/** A tensor whose bytes come piece by piece, so that a file larger than memory can be written. */
export interface StreamedTensor {
  readonly name: string
  readonly dataType: DataType
  readonly shape: readonly number[]
  /** All of its bytes, in order; called once. */
  bytes(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

/**
 * Writes a file that appears whole or not at all: a temporary neighbour is written, synchronised and renamed.
 * Tensors lie in the order given; the header is padded with spaces to a multiple of 8 bytes. Metadata always has
 * `format: "pt"`, which transformers refuses to do without; the rest is sorted by key.
 * @throws SafetensorsError for wrong sizes, duplicate names or a full disk (the temporary file is removed)
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<NamedTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const list = [...tensors]
  for (const tensor of list) checkSize(path, tensor, tensor.data.byteLength)
  const streamed = list.map((tensor) => ({
    name: tensor.name,
    dataType: tensor.dataType,
    shape: tensor.shape,
    *bytes() {
      // `data` may be a getter that makes the values anew.
      const { data } = tensor
      yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    },
  }))
  await streamSafetensors(path, streamed, metadata)
}

/** `writeSafetensors` for tensors that come piece by piece; memory stays at the largest piece. */
export async function streamSafetensors(
  path: string,
  tensors: readonly StreamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const header = encodeHeader(tensors, metadata, path)
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`)
  try {
    await using file = await open(temporary, "wx")
    await writeAll(file, header)
    for (const tensor of tensors) {
      let written = 0
      for await (const piece of tensor.bytes()) {
        await writeAll(file, piece)
        written += piece.byteLength
      }
      checkSize(path, tensor, written)
    }
    await file.sync()
    await file.close()
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    if (error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT")) {
      const size = header.byteLength + tensors.reduce((sum, tensor) => sum + sizeOf(tensor), 0)
      throw new SafetensorsError(`The disk is full: ${path} needs ${size} bytes. Free some space and try again.`, {
        cause: error,
      })
    }
    throw error
  }
  await syncFolder(dirname(path))
}

type Described = Pick<StreamedTensor, "name" | "dataType" | "shape">

function sizeOf({ dataType, shape }: Described): number {
  return shape.reduce((product, size) => product * size, 1) * bytesPerElement[dataType]
}

function checkSize(path: string, tensor: Described, byteLength: number): void {
  const wanted = sizeOf(tensor)
  if (wanted === byteLength) return
  const { name, dataType, shape } = tensor
  throw new SafetensorsError(
    `${path} cannot be written: tensor "${name}" of ${dataType} [${shape.join(", ")}] needs ${wanted} bytes but has ${byteLength}.`,
  )
}

function encodeHeader(tensors: readonly Described[], metadata: Readonly<Record<string, string>>, path: string) {
  const reject = (what: string): never => {
    throw new SafetensorsError(`${path} cannot be written: ${what}.`)
  }
  if (tensors.length > headerLimits.tensors) reject(`${tensors.length} tensors are more than ${headerLimits.tensors}`)
  const all = Object.entries({ ...metadata, format: "pt" }).sort(([a], [b]) => (a < b ? -1 : 1))
  // Joined by hand: an object would reorder keys that look like numbers and lose "__proto__".
  const parts = [`"__metadata__":{${all.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(",")}}`]
  const names = new Set<string>(["__metadata__"])
  let offset = 0
  for (const tensor of tensors) {
    const { name, dataType, shape } = tensor
    if (names.has(name)) reject(`the name "${name}" is taken`)
    if (name.length > headerLimits.nameLength) reject(`the name "${name}" is too long`)
    names.add(name)
    const end = offset + sizeOf(tensor)
    const entry = { dtype: dataType, shape, data_offsets: [offset, end] }
    parts.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`)
    offset = end
  }
  const text = Buffer.from(`{${parts.join(",")}}`)
  const length = Math.ceil(text.byteLength / 8) * 8
  if (length > headerLimits.bytes) reject(`its header of ${length} bytes is larger than ${headerLimits.bytes}`)
  const header = Buffer.alloc(8 + length, " ")
  header.writeBigUInt64LE(BigInt(length))
  text.copy(header, 8)
  return header
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, done, Math.min(bytes.byteLength - done, 2 ** 30))
    done += bytesWritten
  }
}

/** Makes the rename itself durable; Windows cannot open folders, and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return
  await using handle = await open(folder, "r")
  await handle.sync()
}
