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

/** A picture of the card's gallery: where it lies in the repository, and the prompt that drew it. */
export type GalleryEntry = { readonly text: string; readonly url: string }

/** @returns the entries of `widget` that have a picture. */
export function readGallery(head: string): GalleryEntry[] {
  const widget: unknown = parseDocument(head).toJS()?.widget
  if (!Array.isArray(widget)) return []
  return widget.flatMap((entry: unknown): GalleryEntry[] => {
    if (typeof entry !== "object" || entry === null || !("output" in entry)) return []
    const { output } = entry
    if (typeof output !== "object" || output === null || !("url" in output)) return []
    return [{ text: "text" in entry ? String(entry.text) : "", url: String(output.url) }]
  })
}

/** Puts `entries` in the place of the gallery; what else an entry of the same picture says stays. */
export function writeGallery(head: string, entries: readonly GalleryEntry[]): string {
  const document = parseDocument(head)
  const before: unknown = document.toJS()?.widget
  const known = (url: string): object =>
    (Array.isArray(before) ? before : []).find((entry: unknown) => readUrl(entry) === url) ?? {}
  const widget = entries.map(({ text, url }) => ({ ...known(url), text, output: { url } }))
  const target = isMap(document.contents) ? document : new Document({})
  if (widget.length === 0) target.delete("widget")
  else target.set("widget", target.createNode(widget))
  const written = target.toString({ lineWidth: 0 })
  return written.trim() === "{}" ? "" : written.trimEnd()
}

const readUrl = (entry: unknown): unknown =>
  typeof entry === "object" && entry !== null && "output" in entry
    ? (entry as { output: { url?: unknown } | null }).output?.url
    : undefined

/** Where the Hub puts the gallery: a line of its own. */
const galleryMark = /^[ \t]*<Gallery\s*\/>[ \t]*$/m

/** The body around its gallery; one part where it has none. */
export const splitAtGallery = (body: string): string[] => {
  const match = galleryMark.exec(body)
  return match === null ? [body] : [body.slice(0, match.index), body.slice(match.index + match[0].length)]
}

/** @returns the body with a gallery under its title, where it had none. */
export function withGalleryMark(body: string): string {
  if (galleryMark.test(body)) return body
  const title = /^# .*$/m.exec(body)
  const at = title === null ? 0 : title.index + title[0].length
  return `${body.slice(0, at)}\n\n<Gallery />\n${body.slice(at)}`
}
