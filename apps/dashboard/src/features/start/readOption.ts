/** Reads what was typed into an option's field, and writes there what came from elsewhere. */

/** The kinds of fields; the server says numbers and integers apart. */
export function readsAs(kind: string): "boolean" | "choice" | "list" | "number" | "text" {
  const low = kind.toLowerCase()
  if (low === "integer" || low === "number") return "number"
  if (low === "boolean" || low === "choice" || low === "list") return low
  return "text"
}

type NumberOption = { kind: string; minimum?: number | null | undefined; maximum?: number | null | undefined }

/** @returns undefined as value for an empty text: the default. */
export function readNumber(
  { kind, minimum, maximum }: NumberOption,
  text: string,
): { value: number | undefined } | { problem: string } {
  const trimmed = text.trim()
  if (trimmed === "") return { value: undefined }
  const value = Number(trimmed.replace(/(\d),(\d{3})\b/g, "$1$2"))
  if (!Number.isFinite(value)) return { problem: `“${trimmed}” is no number.` }
  if (kind.toLowerCase() === "integer" && !Number.isInteger(value)) return { problem: "Only whole numbers." }
  if (typeof minimum === "number" && value < minimum) return { problem: `At least ${minimum}.` }
  if (typeof maximum === "number" && value > maximum) return { problem: `At most ${maximum}.` }
  return { value }
}

/** As people type it: every digit, because a seed that lacks one draws something else; small ones in powers of ten. */
export const writeNumber = (value: number): string =>
  value !== 0 && Math.abs(value) < 0.001 ? value.toExponential() : String(value)
