/** The YAML at the head of a README.md, by which the Hub knows what a repository is. */

import { parse, stringify, YAMLParseError } from "yaml"
import { HubError } from "../hubError.ts"

export type FrontMatter = { readonly [key: string]: unknown }

const fence = /^\uFEFF?---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)?---[ \t]*(?:\r?\n|$)/

/**
 * Splits a README.md. Without front matter `data` is empty and `body` the whole text.
 * @throws HubError with the line of what is no YAML
 */
export function parseFrontMatter(text: string): { data: FrontMatter; body: string } {
  const match = fence.exec(text)
  if (match === null) return { data: {}, body: text }
  const body = text.slice(match[0].length)
  let data: unknown
  try {
    // Aliases could make a small text grow without bound.
    data = parse(match[1] ?? "", { maxAliasCount: 20 })
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw new HubError("badData", `The front matter cannot be read: ${error}.`)
    const line = error.linePos?.[0].line
    const [what = ""] = error.message.split(" at line ")
    throw new HubError(
      "badData",
      `The front matter is not valid YAML${line === undefined ? "" : ` at line ${line + 1} of the file`}: ${what.replace(/\.$/, "")}.`,
    )
  }
  if (data === null || data === undefined) return { data: {}, body }
  if (typeof data !== "object" || Array.isArray(data))
    throw new HubError("badData", "The front matter must be YAML of the form key: value, one per line.")
  return { data: { ...data }, body }
}

/** A README.md of this front matter and body; what is undefined is left out. */
export function composeFrontMatter(data: FrontMatter, body: string): string {
  const given = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined))
  const yaml = stringify(given, { lineWidth: 0, aliasDuplicateObjects: false })
  return `---\n${yaml}---\n\n${body.replace(/^\s*\n/, "").trimEnd()}\n`
}
