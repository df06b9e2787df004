/** Captions beside a folder of images: metadata.csv, metadata.jsonl or metadata.parquet with the column file_name. */

import { readFile } from "node:fs/promises"
import { posix } from "node:path"
import { parse } from "csv-parse/sync"
import { HubError } from "../hubError.ts"
import { isSafePath } from "../repositoryName.ts"
import { captionColumns } from "./captionColumns.ts"
import { readParquetRows } from "./readParquet.ts"

export const metadataFile = /(?:^|\/)metadata\.(?:csv|jsonl|parquet)$/

type Row = Readonly<Record<string, unknown>>

async function readRows(path: string, name: string): Promise<Row[]> {
  if (name.endsWith(".parquet")) return readParquetRows(path, name)
  const text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path))
  if (name.endsWith(".csv"))
    return parse(text, { columns: true, bom: true, skip_empty_lines: true, relax_column_count: true })
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return []
    let row: unknown
    try {
      row = JSON.parse(line)
    } catch {
      throw new HubError("badData", `${name}, line ${index + 1} is not JSON.`)
    }
    return row instanceof Object ? [{ ...row }] : []
  })
}

/**
 * Captions by path in the repository; rows whose file_name would leave the folder are left out.
 * @throws HubError for what cannot be read and for a caption column that is not there
 */
export async function readCaptions(
  path: string,
  name: string,
  captionColumn: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  let rows: Row[]
  try {
    rows = await readRows(path, name)
  } catch (error) {
    if (error instanceof HubError) throw error
    throw new HubError("badData", `${name} cannot be read: ${error instanceof Error ? error.message : error}.`)
  }
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  if (captionColumn !== undefined && !columns.includes(captionColumn))
    throw new HubError("badData", `${name} has no column ${captionColumn}; its columns are ${columns.join(", ")}.`)
  const column = captionColumn ?? captionColumns.find((candidate) => columns.includes(candidate))
  const captions = new Map<string, string>()
  for (const row of rows) {
    const file = row.file_name ?? row.image_file_name
    const caption = column === undefined ? undefined : row[column]
    if (typeof file !== "string" || typeof caption !== "string") continue
    const joined = posix.join(posix.dirname(name), file)
    if (isSafePath(file) && isSafePath(joined)) captions.set(joined, caption)
  }
  return captions
}
