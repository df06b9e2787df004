/** Checks of short texts that people type. */

import { InputError } from "./expectedError.ts"

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/u

/** @returns the name without surrounding blanks. @throws InputError when it is empty, longer than 100 or has control characters. */
export function checkedName(name: string, field = "name"): string {
  const trimmed = name.normalize("NFC").trim()
  if (trimmed === "") throw new InputError("A name needs at least one character.", field)
  if (trimmed.length > 100)
    throw new InputError(`A name has at most 100 characters; this one has ${trimmed.length}.`, field)
  if (control.test(trimmed)) throw new InputError("A name has no control characters.", field)
  return trimmed
}

/** @throws InputError when the text is longer than `most` characters. */
export function checkedText(text: string, field: string, most: number): string {
  // Postgres cannot store the character 0.
  if (text.includes("\u0000")) throw new InputError("A text has no character 0.", field)
  if (text.length > most) throw new InputError(`At most ${most} characters fit here; these are ${text.length}.`, field)
  return text
}
