/** Captions that come beside pictures: name.txt, metadata.csv and metadata.jsonl as the Hub's image folders have them. */

import { parse } from "csv-parse/sync"
import { z } from "zod"

/** Path of a picture, without its ending for .txt → caption. Paths are compared, never opened. */
export type Captions = ReadonlyMap<string, string>

export const maxSidecarBytes = 16 * 2 ** 20

/** The last part of a name, without what no name needs. */
export function baseName(name: string): string {
  const last =
    name
      .normalize("NFC")
      .replaceAll("\\", "/")
      .split("/")
      .findLast((part) => part !== "") ?? ""
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  const plain = last.replace(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, "").trim()
  return plain.slice(-200) || "picture"
}

const withoutEnding = (path: string) => path.replace(/\.[^./]*$/, "")
const folderOf = (path: string) => path.slice(0, path.lastIndexOf("/") + 1)

export const isSidecar = (name: string) => /\.txt$|(^|\/)metadata\.(csv|jsonl)$/i.test(name)

const columns = ["text", "caption", "prompt"]
const row = z.record(z.string(), z.unknown())

function captionOf(values: Record<string, unknown>): [string, string] | undefined {
  const file = values.file_name
  const caption = columns.map((column) => values[column]).find((value) => typeof value === "string")
  return typeof file === "string" && typeof caption === "string" ? [file, caption] : undefined
}

/** @throws Error with one sentence when the file is not what its name says. */
export function readSidecar(path: string, text: string): Map<string, string> {
  if (/\.txt$/i.test(path)) return new Map([[withoutEnding(path), text.trim()]])
  const rows = /\.csv$/i.test(path) ? csvRows(text) : jsonRows(text)
  const found = rows.map(captionOf)
  if (found.every((entry) => entry === undefined))
    throw new Error(`It has no column file_name, or none of ${columns.join(", ")} beside it.`)
  const folder = folderOf(path)
  return new Map(found.flatMap((entry) => (entry === undefined ? [] : [[folder + entry[0], entry[1].trim()]])))
}

function csvRows(text: string) {
  try {
    return z.array(row).parse(parse(text, { columns: true, bom: true, relax_column_count: true }))
  } catch (error) {
    throw new Error(`It is no CSV table with a header: ${error instanceof Error ? error.message : error}`)
  }
}

function jsonRows(text: string) {
  const lines = text.split("\n").filter((line) => line.trim() !== "")
  return lines.map((line, i) => {
    try {
      return row.parse(JSON.parse(line))
    } catch {
      throw new Error(`Line ${i + 1} is no JSON object.`)
    }
  })
}

/** The caption of a picture at this path: of its .txt, else of a table. */
export function captionFor(captions: Captions, path: string): string | undefined {
  return captions.get(withoutEnding(path)) ?? captions.get(path)
}
