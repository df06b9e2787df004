/** Losses of the judge's outputs and their slopes, computed on the few hundred numbers that a batch ends in. */

import { embeddingSize, type Head, heads, offsets, outputSize } from "./network.ts"

/** What is true of a picture: the right answers of each head, all equally right; none where the head is not asked. */
export type Truth = { readonly answers: Partial<Record<Head, readonly number[]>>; readonly subject: number | undefined }

const headNames = Object.keys(heads) as Head[]

/**
 * Cross-entropy of the heads plus the contrastive loss of the embeddings, each a mean over the rows it is about;
 * `slopes` is ∂loss/∂outputs, [rows, outputSize].
 */
export function judgeLoss(outputs: Float32Array, truths: readonly Truth[]) {
  const slopes = new Float32Array(outputs.length)
  const classification = headNames.reduce((sum, head) => sum + crossEntropy(head, outputs, truths, slopes), 0)
  const contrast = contrastive(outputs, truths, slopes)
  return { loss: classification + contrast, classification, contrast, slopes }
}

function crossEntropy(head: Head, outputs: Float32Array, truths: readonly Truth[], slopes: Float32Array): number {
  const asked = truths.flatMap(({ answers }, row) => (answers[head] ? [{ row, right: answers[head] }] : []))
  let loss = 0
  for (const { row, right } of asked) {
    const start = row * outputSize + offsets[head]
    const shares = softmax(outputs.subarray(start, start + heads[head].length))
    for (const answer of right) loss -= Math.log((shares[answer] ?? 0) + 1e-9) / right.length / asked.length
    for (const [i, share] of shares.entries()) {
      const target = right.includes(i) ? 1 / right.length : 0
      slopes[start + i] = (share - target) / asked.length
    }
  }
  return loss
}

/** Similarities of embeddings count by this much: InfoNCE's 1 / temperature. */
const sharpness = 10

/**
 * InfoNCE (van den Oord et al. 2018, arXiv:1807.03748): each picture of a subject has to find the other one of the same
 * subject among all pictures of the batch.
 */
function contrastive(outputs: Float32Array, truths: readonly Truth[], slopes: Float32Array): number {
  const points = truths.map((_, row) => normalised(outputs, row))
  const pulls = points.map(() => new Float64Array(embeddingSize))
  const asked = truths.flatMap(({ subject }, row) => (subject === undefined ? [] : [row]))
  let loss = 0
  for (const row of asked) {
    const others = truths.flatMap((_, other) => (other === row ? [] : [other]))
    const mate = others.findIndex((other) => truths[other]?.subject === truths[row]?.subject)
    const point = points[row]
    if (mate < 0 || !point) continue
    const shares = softmax(others.map((other) => sharpness * dot(point.unit, points[other]?.unit ?? point.unit)))
    loss -= Math.log((shares[mate] ?? 0) + 1e-9) / asked.length
    for (const [i, other] of others.entries()) {
      const slope = (sharpness * ((shares[i] ?? 0) - (i === mate ? 1 : 0))) / asked.length
      const there = points[other]
      const [pull, pullThere] = [pulls[row], pulls[other]]
      if (!there || !pull || !pullThere) continue
      for (let k = 0; k < embeddingSize; k++) {
        pull[k] = (pull[k] ?? 0) + slope * (there.unit[k] ?? 0)
        pullThere[k] = (pullThere[k] ?? 0) + slope * (point.unit[k] ?? 0)
      }
    }
  }
  // Through the normalisation: only what is tangent to the sphere moves a point.
  for (const [row, { unit, length }] of points.entries()) {
    const pull = pulls[row] ?? new Float64Array(embeddingSize)
    const radial = dot(pull, unit)
    const start = row * outputSize + offsets.embedding
    for (let k = 0; k < embeddingSize; k++) slopes[start + k] = ((pull[k] ?? 0) - radial * (unit[k] ?? 0)) / length
  }
  return loss
}

/** The embedding of a row as a point of length 1. */
export function normalised(outputs: Float32Array, row: number) {
  const start = row * outputSize + offsets.embedding
  const values = outputs.subarray(start, start + embeddingSize)
  const length = Math.hypot(...values) + 1e-6
  return { unit: values.map((value) => value / length), length }
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

export function softmax(scores: ArrayLike<number>): number[] {
  const list = Array.from(scores)
  const highest = Math.max(...list)
  const powers = list.map((score) => Math.exp(score - highest))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}
