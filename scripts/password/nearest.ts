/** The word that somebody may have meant. Pure. */

/** How many letters have to be put in, taken out or changed to make `a` of `b` (Levenshtein, 1965). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++)
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === b.charAt(j) ? 0 : 1)))
    row = next
  }
  return row[b.length] ?? 0
}

/** @returns the nearest of `words`, or undefined where more than half of its letters would have to change. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const [best] = words.map((known) => ({ known, changes: distance(word, known) })).sort((a, b) => a.changes - b.changes)
  return best !== undefined && best.changes <= best.known.length / 2 ? best.known : undefined
}
