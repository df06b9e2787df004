/** Pictures and captions out of a parquet file, one row group in memory at a time. */

import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet"
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

/** A cell of the column image: {bytes, path}, or bytes alone. */
function bytesIn(cell: unknown): Uint8Array | string {
  if (cell instanceof Uint8Array) return cell
  if (!(cell instanceof Object)) return "has no picture"
  const bytes: unknown = Reflect.get(cell, "bytes")
  if (bytes instanceof Uint8Array) return bytes
  return Reflect.get(cell, "path") ? "only names a picture that is not in the data set" : "has no picture"
}

function textIn(cell: unknown): string | undefined {
  if (cell instanceof Uint8Array) return new TextDecoder().decode(cell)
  return typeof cell === "string" ? cell : undefined
}

/**
 * @param name of the file, for messages
 * @throws HubError for what is no parquet file and for columns that are not there
 */
export async function* readParquetImages(
  path: string,
  name: string,
  choice: ColumnChoice,
): AsyncGenerator<StoredImage> {
  try {
    const file = await asyncBufferFromFile(path)
    const metadata = await parquetMetadataAsync(file)
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name)
    const declared = declaredImages(metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value)
    const { image, caption } = chooseColumns(name, columns, declared, choice)
    let start = 0
    for (const group of metadata.row_groups) {
      const end = start + Number(group.num_rows)
      if (Number(group.total_byte_size) > largestGroup)
        throw new HubError("tooLarge", `${name} has row groups of more than 2 GB, which do not fit into memory.`)
      const rows = await parquetReadObjects({
        file,
        metadata,
        compressors,
        columns: caption === undefined ? [image] : [image, caption],
        rowStart: start,
        rowEnd: end,
        utf8: false,
      })
      for (const row of rows) {
        const text = caption === undefined ? undefined : textIn(row[caption])
        const bytes = bytesIn(row[image])
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

/** Rows of a small parquet file of texts, e.g. metadata.parquet. */
export async function readParquetRows(path: string): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: await asyncBufferFromFile(path), compressors })
}
