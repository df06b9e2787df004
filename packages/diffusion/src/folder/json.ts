/** Reading and writing the JSON files of a model folder. */
import { readFile } from "node:fs/promises"

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
export interface JsonObject {
  [key: string]: JsonValue
}

/** Whether a parsed JSON value is an object (no array, not null). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** Reads a JSON file whose root is an object; throws one sentence that says which file `what` is and what to do. */
export async function readJsonObject(path: string, what: string): Promise<JsonObject> {
  let text: string
  try {
    text = await readFile(path, "utf8")
  } catch (cause) {
    throw new Error(`${what} is missing or unreadable: looked for ${path}; fetch the missing file.`, { cause })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Error(`${what} is not valid JSON: ${path}; fetch the file again.`, { cause })
  }
  if (isJsonObject(value)) return value
  throw new Error(`${what} is no JSON object: ${path}; fetch the file again.`)
}

/** JSON text as diffusers writes it: two spaces, and a newline at the end. */
export function jsonText(value: JsonValue): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
