/** Pictures and captions out of a parquet file, one row group in memory at a time. Runs in a process of its own: see readParquet.ts. */

import { zstdDecompressSync } from "node:zlib"
import {
  asyncBufferFromFile,
  type Compressors,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from "hyparquet"
import { compressors } from "hyparquet-compressors"
import { HubError } from "../hubError.ts"
import { captionColumns } from "./captionColumns.ts"

/** A picture as it is stored, or why a row has none. */
export type StoredImage =
  | { readonly bytes: Uint8Array; readonly caption: string | undefined }
  | { readonly refused: string; readonly caption: string | undefined }

export type ColumnChoice = {
  /** Column of the pictures; the first of the type Image if absent. */
  readonly imageColumn?: string | undefined
  /** Column of the captions; text, caption or prompt if absent. */
  readonly captionColumn?: string | undefined
}

/** A row group larger than this would not fit beside everything else. */
const largestGroup = 2_000_000_000

/** Rows of pictures come by the thousand; a table that repeats one value needs no bytes for a billion of them. */
const mostRowsOfGroup = 1_000_000

/** What unpacks to more than this, and to more than so many times its size, is no picture and no caption. */
const harmlessBytes = 64_000_000
const mostRatio = 100

/** @throws HubError for a row group that is too large to be read */
function checkGroups(name: string, { row_groups: groups }: FileMetaData): void {
  for (const { num_rows: rows, total_byte_size: bytes } of groups) {
    if (bytes > largestGroup)
      throw new HubError("tooLarge", `${name} has row groups of more than 2 GB, which do not fit into memory.`)
    if (rows < 0 || rows > mostRowsOfGroup)
      throw new HubError("tooLarge", `${name} has a row group of ${rows} rows; at most ${mostRowsOfGroup} are read.`)
  }
}

/** Unpacking that trusts no header: how much comes out is bounded before it does. */
function guarded(name: string): Compressors {
  let total = 0
  const check = (input: Uint8Array, length: number) => {
    total += length
    if (length > harmlessBytes && length > mostRatio * input.length)
      throw new HubError(
        "tooLarge",
        `${name} has ${input.length} bytes that unpack to ${length}, more than pictures and captions do; nothing of it is taken.`,
      )
    if (total > largestGroup)
      throw new HubError("tooLarge", `${name} has row groups of more than 2 GB, which do not fit into memory.`)
  }
  const all: Compressors = {
    ...compressors,
    // The other one's output is as long as its own header says.
    ZSTD: (input, length) => zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) }),
  }
  return Object.fromEntries(
    Object.entries(all).map(([codec, unpack]) => [
      codec,
      (input: Uint8Array, length: number) => {
        check(input, length)
        return unpack(input, length)
      },
    ]),
  )
}

/** Columns that the `huggingface` key says to be of the type Image. */
function declaredImages(value: string | undefined): string[] {
  try {
    const features: unknown = JSON.parse(value ?? "{}")?.info?.features ?? {}
    if (!(features instanceof Object)) return []
    return Object.entries(features).flatMap(([name, feature]) =>
      feature instanceof Object && Reflect.get(feature, "_type") === "Image" ? [name] : [],
    )
  } catch {
    return []
  }
}

function chooseColumns(file: string, columns: readonly string[], declared: readonly string[], choice: ColumnChoice) {
  const has = (name: string) => columns.includes(name)
  const image = choice.imageColumn ?? [...declared, "image", "img", "picture"].find(has)
  if (image === undefined || !has(image))
    throw new HubError(
      "badData",
      `${file} has no column ${choice.imageColumn ?? "of pictures"}; its columns are ${columns.join(", ")}; name the one with pictures.`,
    )
  const caption = choice.captionColumn ?? captionColumns.find(has)
  if (choice.captionColumn !== undefined && !has(choice.captionColumn))
    throw new HubError(
      "badData",
      `${file} has no column ${choice.captionColumn}; its columns are ${columns.join(", ")}; name one of them for the captions.`,
    )
  return { image, caption }
}

const longestAddress = 4096
const address = /^(?:https?|ftp|s3|gs|hf):\/\//i

/** A cell of the column image: {bytes, path}, or bytes alone. @returns a string where it is no picture, saying why */
function bytesIn(cell: unknown): Uint8Array | string {
  const parts = cell instanceof Uint8Array ? { bytes: cell } : typeof cell === "string" ? { path: cell } : cell
  const part = (name: string): unknown => (parts instanceof Object ? Reflect.get(parts, name) : undefined)
  const bytes = part("bytes")
  const path = textIn(part("path"))
  const text = bytes instanceof Uint8Array && bytes.length < longestAddress ? textIn(bytes) : path
  if (address.test(text ?? ""))
    return "only has the address of a picture, which is not fetched: use a data set with the pictures in it"
  if (bytes instanceof Uint8Array) return bytes
  return path ? "only names a picture that is not in the data set" : "has no picture"
}

function textIn(cell: unknown): string | undefined {
  if (cell instanceof Uint8Array) return new TextDecoder().decode(cell)
  return typeof cell === "string" ? cell : undefined
}

/**
 * @param name of the file, for messages
 * @throws HubError for what is no parquet file and for columns that are not there
 */
export async function* imagesIn(path: string, name: string, choice: ColumnChoice): AsyncGenerator<StoredImage> {
  try {
    const file = await asyncBufferFromFile(path)
    const metadata = await parquetMetadataAsync(file)
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name)
    const declared = declaredImages(metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value)
    const { image, caption } = chooseColumns(name, columns, declared, choice)
    checkGroups(name, metadata)
    let start = 0
    let given = 0
    for (const group of metadata.row_groups) {
      const end = start + Number(group.num_rows)
      const rows = await parquetReadObjects({
        file,
        metadata,
        compressors: guarded(name),
        columns: caption === undefined ? [image] : [image, caption],
        rowStart: start,
        rowEnd: end,
        utf8: false,
      })
      for (const row of rows) {
        const text = caption === undefined ? undefined : textIn(row[caption])
        const bytes = bytesIn(row[image])
        given += bytes.length
        // One stored picture may stand for any number of rows.
        if (given > harmlessBytes && given > mostRatio * file.byteLength)
          throw new HubError(
            "tooLarge",
            `${name} holds the same pictures again and again, more than 100 times its own size.`,
          )
        yield typeof bytes === "string" ? { refused: bytes, caption: text } : { bytes, caption: text }
      }
      start = end
    }
  } catch (error) {
    if (error instanceof HubError) throw error
    throw new HubError(
      "badData",
      `${name} cannot be read as parquet: ${error instanceof Error ? error.message : error}.`,
    )
  }
}

/** Rows of a small parquet file of texts, e.g. metadata.parquet. @throws HubError as imagesIn does */
export async function rowsIn(path: string, name: string): Promise<Record<string, unknown>[]> {
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  checkGroups(name, metadata)
  return parquetReadObjects({ file, metadata, compressors: guarded(name) })
}
