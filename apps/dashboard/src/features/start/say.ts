import { formatNumber } from "../../ui/format.ts"
import { choiceName } from "./choiceName.ts"

/** A setting's value for reading. */
export function say(value: unknown): string {
  if (value === null || value === undefined) return "automatic"
  if (typeof value === "boolean") return value ? "on" : "off"
  // A seed that is cut cannot be used again.
  if (typeof value === "number") return Number.isInteger(value) ? value.toLocaleString("en-US") : formatNumber(value)
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(say).join("; ")
  return typeof value === "string" ? choiceName(value) : JSON.stringify(value)
}
