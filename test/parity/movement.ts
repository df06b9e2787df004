/** How far training has moved the weights, held against how far it moved the reference's. */

import { maxAbsoluteError, type ParityCase, relativeL2Error } from "./case.ts"
import { tolerance } from "./references.ts"

interface Movement {
  /** What the reference data says of its own distance from float64; undefined where it says nothing. */
  readonly entry: unknown
  /** Rounding of a float32 weight, relative to the movement. */
  readonly rounding: number
}

/** @param run names the entry of the tolerance file, which other sets of reference data may lack. */
export function movementOf(
  parameters: ReadonlyMap<string, Float32Array>,
  initial: ReadonlyMap<string, Float32Array>,
  known: Readonly<Record<string, unknown>>,
  run: string,
): Movement {
  let [weights, moved] = [0, 0]
  for (const [key, after] of parameters) {
    const before = initial.get(key)
    for (const [i, value] of after.entries()) {
      weights += value * value
      moved += (value - (before?.[i] ?? 0)) ** 2
    }
  }
  return { entry: known[`${run} delta`], rounding: 2 ** -24 * Math.sqrt(weights / Math.max(moved, 1e-60)) }
}

/**
 * At tiny learning rates a movement is a few units in the last place of the weight: it can be held against the
 * reference's only where the reference says how far its own float32 is from float64 there.
 */
export function measured(name: string, error: number, { entry, rounding }: Movement, numerator: string): ParityCase {
  if (entry === undefined && rounding > 1e-4)
    return { name, skipped: "the weights moved by a few roundings, and the reference does not say how far off it is" }
  return { name, error, tolerance: tolerance(entry, numerator, "typical_delta") }
}

/**
 * Adam divides by the gradient's own size, so the smallest gradients carry their rounding into whole steps: the worst
 * element may be as far off as float32 is from float64 in the reference (times ten), and the whole far less.
 */
export function* movements(
  name: string,
  actual: readonly number[],
  expected: readonly number[],
  movement: Movement,
): Iterable<ParityCase> {
  const typical = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length)
  if (movement.entry === undefined)
    yield { name: `${name}: worst element`, skipped: "the reference does not say how far off its own worst element is" }
  else
    yield {
      name: `${name}: worst element`,
      error: maxAbsoluteError(actual, expected) / typical,
      tolerance: tolerance(movement.entry, "max_abs_err", "typical_delta"),
    }
  yield movedTogether(name, actual, expected, movement)
}

export function movedTogether(
  name: string,
  actual: readonly number[],
  expected: readonly number[],
  movement: Movement,
): ParityCase {
  return measured(`${name}: l2`, relativeL2Error(actual, expected), movement, "p99")
}
