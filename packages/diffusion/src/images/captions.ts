import { readFile, stat } from "node:fs/promises"
import { basename, join } from "node:path"

export interface Captions {
  /** File name → caption. */
  readonly byFile: ReadonlyMap<string, string>
  readonly refused: readonly { readonly file: string; readonly reason: string }[]
}

const maxCaptionFileBytes = 20_000_000
const textColumns = ["text", "caption", "prompt"]

/**
 * Captions of a folder's metadata.jsonl or metadata.csv (Hugging Face's imagefolder layout: file_name and text).
 * A name that is not that of a file directly in the folder is refused, so that no row reaches outside.
 */
export async function readMetadataCaptions(folder: string): Promise<Captions> {
  const byFile = new Map<string, string>()
  const refused: { file: string; reason: string }[] = []
  for (const [file, parse] of [
    ["metadata.jsonl", parseJsonLines],
    ["metadata.csv", parseCsvRows],
  ] as const) {
    try {
      const text = await readSmallText(join(folder, file))
      if (text === undefined) continue
      for (const row of parse(text)) {
        const name = row.file_name
        const caption = textColumns.map((column) => row[column]).find((value) => typeof value === "string")
        if (typeof name !== "string") throw new Error("a row has no file_name")
        if (!isPlainName(name))
          refused.push({
            file,
            reason: `${file} names ${JSON.stringify(name)}, which is not a file directly in the folder.`,
          })
        else if (typeof caption === "string" && caption.trim() !== "") byFile.set(name, caption.trim())
      }
    } catch (error) {
      refused.push({ file, reason: `${file} cannot be used: ${error instanceof Error ? error.message : error}.` })
    }
  }
  return { byFile, refused }
}

/** The caption in NAME.txt beside NAME.jpg; undefined when there is none or it is blank. */
export async function readSidecarCaption(folder: string, file: string): Promise<string | undefined> {
  const stem = file.replace(/\.[^.]*$/, "")
  return (await readSmallText(join(folder, `${stem}.txt`)))?.trim() || undefined
}

/** True for a bare file name: no folder, no "..", no drive, nothing hidden. */
export function isPlainName(name: string): boolean {
  return name !== "" && name === basename(name) && !/[\\/:\0]/.test(name) && !name.startsWith(".")
}

async function readSmallText(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return undefined
  const file = basename(path)
  if (!found.isFile()) throw new Error(`${file} is not a plain file`)
  if (found.size > maxCaptionFileBytes) throw new Error(`${file} is larger than ${maxCaptionFileBytes / 1e6} MB`)
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path))
  } catch {
    throw new Error(`${file} is not UTF-8 text`)
  }
}

type Row = Readonly<Record<string, unknown>>

function parseJsonLines(text: string): Row[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return []
    let row: unknown
    try {
      row = JSON.parse(line)
    } catch {
      throw new Error(`line ${index + 1} is not JSON`)
    }
    if (typeof row !== "object" || row === null) throw new Error(`line ${index + 1} is not a JSON object`)
    return [{ ...row }]
  })
}

function parseCsvRows(text: string): Row[] {
  const [header = [], ...lines] = parseCsv(text)
  if (!header.includes("file_name")) throw new Error("its first line has no column file_name")
  return lines.map((cells) => Object.fromEntries(header.map((column, index) => [column, cells[index]])))
}

/** RFC 4180: commas, lines, and quotes that are doubled inside quotes. Blank lines are left out. */
function parseCsv(text: string): string[][] {
  const lines: string[][] = []
  let cells: string[] = []
  let next = 0
  // One cell and what ends it per match.
  for (const match of text.matchAll(/(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    if (match.index !== next) break
    next += match[0].length
    const [, quoted, plain = "", end] = match
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === ",") continue
    if (cells.some((cell) => cell !== "")) lines.push(cells)
    cells = []
  }
  if (next < text.length) throw new Error(`its quotes do not match after line ${lines.length + 1}`)
  return lines
}
