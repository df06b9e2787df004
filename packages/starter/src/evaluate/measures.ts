/** Measures over sets of judged pictures. */

import type { Judgement } from "../judges/judge.ts"
import { dot } from "../judges/losses.ts"
import { mean } from "../judges/validate.ts"

/**
 * Kernel distance of two sets of pictures of the same prompts (Bińkowski et al. 2018, arXiv:1801.01401, with the paired
 * U-statistic of Gretton et al. 2012) over the judge's features, with the kernel (x·y / d + 1)³. 0 on average for two
 * samples of one distribution, so that it may come out a little below.
 */
export function kernelDistance(one: readonly Judgement[], two: readonly Judgement[]): number {
  const terms = one.flatMap((x, i) =>
    one.flatMap((y, j) => {
      const [u, v] = [two[i], two[j]]
      return i === j || !u || !v ? [] : [kernel(x, y) + kernel(u, v) - kernel(x, v) - kernel(u, y)]
    }),
  )
  return mean(terms)
}

function kernel(a: Judgement, b: Judgement): number {
  return (dot(a.features, b.features) / a.features.length + 1) ** 3
}

/** Mean cosine between the pictures of two sets, a picture with itself left out. */
export function likeness(one: readonly Judgement[], two: readonly Judgement[]): number {
  return mean(pairs(one, two).flatMap(([a, b]) => (a === b ? [] : [dot(a.embedding, b.embedding)])))
}

/** How much the pictures of a set differ: the mean of 1 - cosine. */
export function diversity(set: readonly Judgement[]): number {
  return 1 - likeness(set, set)
}

function pairs<T>(one: readonly T[], two: readonly T[]): [T, T][] {
  return one.flatMap((a) => two.map((b): [T, T] => [a, b]))
}
