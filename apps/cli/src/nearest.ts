/** What somebody may have meant. */

import { distance } from "fastest-levenshtein"

/** @returns the known word that is nearest in letters; undefined where it is farther than half of them, which would be noise. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((name) => ({ name, edits: distance(word.toLowerCase(), name) }))
    .sort((left, right) => left.edits - right.edits)
  return best !== undefined && best.edits <= Math.max(word.length, best.name.length) / 2 ? best.name : undefined
}
