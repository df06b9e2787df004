/** The YAML between the two lines of dashes at a card's head. Pure; comments and keys that nobody knows survive. */

import { Document, isMap, parseDocument } from "yaml"

export type Card = { readonly head: string; readonly body: string }

const fence = /^---[ \t]*\r?\n([\s\S]*?)(?:\r?\n)?---[ \t]*(?:\r?\n|$)/

export function splitCard(markdown: string): Card {
  const match = fence.exec(markdown)
  return match === null ? { head: "", body: markdown } : { head: match[1] ?? "", body: markdown.slice(match[0].length) }
}

export const joinCard = ({ head, body }: Card): string =>
  head.trim() === "" ? body : `---\n${head.trimEnd()}\n---\n${body}`

/** @returns why the head cannot be read, in one line; undefined when it can. */
export function headProblem(head: string): string | undefined {
  const document = parseDocument(head)
  const [error] = document.errors
  if (error !== undefined) return error.message.split("\n")[0]?.replace(/:$/, "")
  if (head.trim() !== "" && !isMap(document.contents)) return "The head of the card must be lines of `key: value`."
  return undefined
}

/** @returns text of a key; lists joined with commas; empty when absent. */
export function readKey(head: string, key: string): string {
  const value: unknown = parseDocument(head).toJS()?.[key]
  if (Array.isArray(value)) return value.map(String).join(", ")
  return value === undefined || value === null ? "" : String(value)
}

/** Sets a key, or takes it away when `text` is empty; the rest of the head stays as it is written. */
export function writeKey(head: string, key: string, text: string, list: boolean): string {
  const parsed = parseDocument(head)
  const document = isMap(parsed.contents) ? parsed : new Document({})
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
  if (parts.length === 0) document.delete(key)
  else document.set(key, list ? parts : text.trim())
  const written = document.toString({ lineWidth: 0 })
  return written.trim() === "{}" ? "" : written.trimEnd()
}
