/**
 * The header of a safetensors file: JSON that must be taken with suspicion, since files come from strangers.
 * Follows the reference library's rules (huggingface/safetensors 0.8, safetensors/src/tensor.rs) and is stricter in four
 * things: duplicate keys, a header that does not start with "{", and caps on its size and on the number of tensors.
 */
import { bytesPerElement, type DataType, isDataType } from "./dataType.ts"

/** A safetensors file that is damaged, hostile or not what was asked for; the message names the file and the tensor. */
export class SafetensorsError extends Error {
  override readonly name = "SafetensorsError"
}

/** Where a tensor lies. `byteOffset` counts from the start of the file. */
export interface TensorEntry {
  readonly name: string
  readonly dataType: DataType
  readonly shape: readonly number[]
  readonly byteOffset: number
  readonly byteLength: number
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>
  readonly tensors: ReadonlyMap<string, TensorEntry>
}

export const headerLimits = { bytes: 25_000_000, tensors: 50_000, nameLength: 512, rank: 16 } as const

/**
 * Checks and reads the header.
 * @param header the bytes after the 8-byte length
 * @param fileSize size of the whole file in bytes
 * @param path named in errors
 * @throws SafetensorsError
 */
export function parseHeader(header: Uint8Array, fileSize: number, path: string): SafetensorsHeader {
  const reject = (what: string): never => {
    throw new SafetensorsError(`${path} is not a valid safetensors file: ${what}.`)
  }
  if (header[0] !== 0x7b) reject('its header must start with "{"')
  let text = ""
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header)
  } catch {
    reject("its header is not UTF-8 text")
  }
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch {
    reject("its header is not JSON")
  }
  if (!isRecord(root)) return reject("its header is not a JSON object")
  const duplicate = findDuplicateKey(text)
  if (duplicate !== undefined) reject(`its header has the key ${quote(duplicate)} twice in one object`)

  const dataStart = 8 + header.byteLength
  const metadata: Record<string, string> = Object.create(null)
  const tensors: TensorEntry[] = []
  for (const [name, value] of Object.entries(root)) {
    if (name === "__metadata__") {
      if (!isRecord(value)) return reject("its __metadata__ is not an object")
      for (const [key, entry] of Object.entries(value)) {
        if (typeof entry !== "string") return reject(`its metadata ${quote(key)} is not a string`)
        metadata[key] = entry
      }
      continue
    }
    if (tensors.length >= headerLimits.tensors) reject(`it has more than ${headerLimits.tensors} tensors`)
    if (name.length > headerLimits.nameLength) {
      reject(`the tensor name ${quote(name)} is longer than ${headerLimits.nameLength} characters`)
    }
    const problem = (what: string) => reject(`tensor ${quote(name)} ${what}`)
    tensors.push(parseEntry(name, value, dataStart, fileSize, problem))
  }

  tensors.sort((a, b) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength)
  let end = dataStart
  for (const { name, byteOffset, byteLength } of tensors) {
    if (byteOffset !== end) {
      const what =
        byteOffset < end ? "overlaps the tensor before it" : `leaves ${byteOffset - end} unused bytes before it`
      reject(`tensor ${quote(name)} ${what}`)
    }
    end = byteOffset + byteLength
  }
  if (end !== fileSize) reject(`${fileSize - end} bytes follow its last tensor`)
  return { metadata, tensors: new Map(tensors.map((entry) => [entry.name, entry])) }
}

function parseEntry(
  name: string,
  value: unknown,
  dataStart: number,
  fileSize: number,
  problem: (what: string) => never,
): TensorEntry {
  if (!isRecord(value)) return problem("is not described by an object")
  const dataType = value.dtype
  if (!isDataType(dataType)) {
    return problem(`has the dtype ${quote(dataType)}; known are ${Object.keys(bytesPerElement).join(", ")}`)
  }
  const shape = value.shape
  if (!isArrayOfCounts(shape)) return problem("has a shape that is not a list of non-negative integers")
  if (shape.length > headerLimits.rank) return problem(`has ${shape.length} dimensions, more than ${headerLimits.rank}`)
  const offsets = value.data_offsets
  if (!isArrayOfCounts(offsets)) return problem("has data_offsets that are not two non-negative integers")
  const [begin, end] = offsets
  if (begin === undefined || end === undefined || offsets.length !== 2) return problem("needs two data_offsets")
  if (end < begin) return problem(`ends (${end}) before it begins (${begin})`)
  if (dataStart + end > fileSize) {
    return problem(`ends ${dataStart + end - fileSize} bytes after the end of the file, as when a download broke off`)
  }
  // 2^33 x 2^33 elements must not wrap round or lose digits.
  const wanted = shape.reduce((product, size) => product * BigInt(size), BigInt(bytesPerElement[dataType]))
  if (wanted !== BigInt(end - begin)) {
    return problem(`of ${dataType} [${shape.join(", ")}] needs ${wanted} bytes but has ${end - begin}`)
  }
  return { name, dataType, shape, byteOffset: dataStart + begin, byteLength: end - begin }
}

/**
 * The first key that one object of a valid JSON text has twice (JSON.parse would silently take the last), or undefined.
 * Scans by hand: a regular expression overflows its stack on a string of megabytes.
 */
function findDuplicateKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === "{") open.push(new Set())
    else if (character === "[") open.push(undefined)
    else if (character === "}" || character === "]") open.pop()
    else if (character === '"') {
      const end = endOfString(text, i + 1)
      const raw = text.slice(i + 1, end)
      i = end
      let next = end + 1
      while (next < text.length && text.charCodeAt(next) <= 0x20) next++
      if (text[next] !== ":") continue
      const key = raw.includes("\\") ? String(JSON.parse(`"${raw}"`)) : raw
      const keys = open.at(-1)
      if (keys?.has(key)) return key
      keys?.add(key)
    }
  }
  return undefined
}

/** Index of the quote that ends the string whose first character is at `from`. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (end - slashes > from && text[end - slashes - 1] === "\\") slashes++
    if (slashes % 2 === 0) return end
  }
  return text.length
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function isArrayOfCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0 && !Object.is(item, -0))
}

/** A hostile name, short enough and safe to print. */
function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined"
  return text.length > 80 ? `${text.slice(0, 77)}..."` : text
}
