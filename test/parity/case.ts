/** One comparison of the engine with a reference value, and the ways to measure the distance. */

import { UnsupportedError } from "../../packages/diffusion/src/unsupported.ts"

export type ParityCase =
  | {
      readonly name: string
      /** Measured distance from the reference, in the units of `tolerance`. */
      readonly error: number
      readonly tolerance: number
    }
  | { readonly name: string; readonly skipped: string }
  /** Nothing could be compared, for a reason that is an error. */
  | { readonly name: string; readonly stopped: string }

/** A part of the reference data; `directory` is laid out as the golden data's README says. */
export type ParitySection = (directory: string) => AsyncIterable<ParityCase>

/**
 * The cases of `run`. What goes wrong on the way is one failed case and leaves those of other files alone; a model or an
 * option that Fjord refuses to compute is a skipped one.
 */
export async function* attempt(
  name: string,
  run: () => AsyncIterable<ParityCase> | Iterable<ParityCase>,
): AsyncGenerator<ParityCase> {
  try {
    yield* run()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    yield error instanceof UnsupportedError ? { name, skipped: message } : { name, stopped: message }
  }
}

type Numbers = ArrayLike<number>

/** Largest |actual - expected|; Infinity where lengths differ or one side alone is not finite. */
export function maxAbsoluteError(actual: Numbers, expected: Numbers): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY
  let worst = 0
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i] as number
    const e = expected[i] as number
    if (Object.is(a, e) || (Number.isNaN(a) && Number.isNaN(e))) continue
    const distance = Math.abs(a - e)
    if (!(distance <= worst)) worst = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance
  }
  return worst
}

/** Largest |expected|, at least 1e-30 so that it can divide. */
export function magnitude(expected: Numbers): number {
  let largest = 1e-30
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i] as number))
  return largest
}

/** max |actual - expected| / max |expected|: the relative error that most cases report. */
export function relativeError(actual: Numbers, expected: Numbers): number {
  return maxAbsoluteError(actual, expected) / magnitude(expected)
}

/** ||actual - expected|| / ||expected||, in the l2 norm. */
export function relativeL2Error(actual: Numbers, expected: Numbers): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY
  let difference = 0
  let norm = 0
  for (let i = 0; i < expected.length; i++) {
    const e = expected[i] as number
    difference += ((actual[i] as number) - e) ** 2
    norm += e ** 2
  }
  const error = Math.sqrt(difference / Math.max(norm, 1e-60))
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error
}
