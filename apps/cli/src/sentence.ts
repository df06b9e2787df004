/** Errors that a person can mend: one readable sentence each, without a stack. */

import type { z } from "zod"

/** A sentence for the person at the terminal; main.ts prints its message and exits with 1. */
export class Sentence extends Error {
  override readonly name = "Sentence"
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing"
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

/** The value at a path inside the input that was checked. */
function at(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value instanceof Object ? Reflect.get(value, key) : undefined), input)
}

function wanted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "too_small":
      if (issue.origin === "string") return "must not be empty"
      return `must be ${issue.inclusive ? "at least" : "greater than"} ${issue.minimum}`
    case "too_big":
      if (issue.origin === "array") return `must have at most ${issue.maximum} entries`
      return `must be ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`
    case "invalid_type":
      return `must be ${issue.expected === "int" ? "a whole number" : `of type ${issue.expected}`}`
    default:
      return issue.message
  }
}

/**
 * What is wrong with a configuration, one sentence per line.
 * @param nameOf spells an option as the person wrote it: `learning_rate` in a file, `--guidance-scale` as a flag
 */
export function describeIssues(
  error: z.ZodError,
  input: unknown,
  where: string,
  nameOf: (key: string) => string,
): string {
  const lines = error.issues.map((issue) => {
    const [key, ...rest] = issue.path.map(String)
    const name = key === undefined ? "it" : [nameOf(key), ...rest].join(".")
    if (issue.code === "unrecognized_keys") return `${where}: ${name} has unknown keys ${issue.keys.join(", ")}.`
    if (issue.code === "custom") return `${where}: ${name} ${issue.message}.`
    const value = at(input, issue.path)
    if (value === undefined) return `${where}: ${name} is missing; it ${wanted(issue)}.`
    return `${where}: ${name} ${wanted(issue)}, got ${describe(value)}.`
  })
  return lines.join("\n")
}
