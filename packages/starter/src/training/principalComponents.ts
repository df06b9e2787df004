/** Principal components of the world's pictures, patch by patch. */

import { randomFrom } from "../world/random.ts"
import { drawScene, sceneFromSeed } from "../world/scene.ts"

export interface PrincipalComponents {
  /** Mean patch, [side · side · 3] in rows of RGB pixels. */
  readonly mean: Float64Array
  /** Unit vectors in patch space, by falling variance. */
  readonly components: readonly Float64Array[]
  readonly variances: readonly number[]
}

/** Components of the side × side patches of `scenes` training scenes, pixels in [-1, 1]. */
export async function principalComponents(
  side: number,
  { resolution, scenes, seed }: { readonly resolution: number; readonly scenes: number; readonly seed: number },
): Promise<PrincipalComponents> {
  const size = side * side * 3
  const mean = new Float64Array(size)
  const products = Array.from({ length: size }, () => new Float64Array(size))
  const random = randomFrom(seed, "principal components")
  const patch = new Float64Array(size)
  let count = 0
  for (let scene = 0; scene < scenes; scene++) {
    const { pixels } = await drawScene(sceneFromSeed(random.below(2 ** 31)), resolution)
    for (let top = 0; top < resolution; top += side)
      for (let left = 0; left < resolution; left += side) {
        for (let i = 0; i < size; i++) {
          const [row, rest] = [Math.floor(i / (side * 3)), i % (side * 3)]
          patch[i] = (pixels[((top + row) * resolution + left) * 3 + rest] as number) / 127.5 - 1
        }
        count++
        for (let i = 0; i < size; i++) {
          const value = patch[i] as number
          mean[i] = (mean[i] as number) + value
          const row = products[i] as Float64Array
          for (let j = 0; j <= i; j++) row[j] = (row[j] as number) + value * (patch[j] as number)
        }
      }
  }
  for (let i = 0; i < size; i++) mean[i] = (mean[i] as number) / count
  const covariance = products.map((row, i) =>
    Float64Array.from({ length: size }, (_, j) => {
      const product = (i >= j ? row[j] : products[j]?.[i]) as number
      return product / count - (mean[i] as number) * (mean[j] as number)
    }),
  )
  return { mean, ...eigenvectors(covariance) }
}

/** Jacobi's cyclic rotations (Golub & Van Loan, Matrix Computations, §8.5) of a symmetric matrix, which is used up. */
export function eigenvectors(matrix: Float64Array[]): Pick<PrincipalComponents, "components" | "variances"> {
  const n = matrix.length
  const vectors = matrix.map((_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)))
  const at = (i: number, j: number) => matrix[i]?.[j] as number
  const total = matrix.reduce((sum, row) => sum + row.reduce((squares, value) => squares + value * value, 0), 0)
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += at(p, q) ** 2
    if (off <= 1e-20 * total) break
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (at(p, q) === 0) continue
        const theta = (at(q, q) - at(p, p)) / (2 * at(p, q))
        const tangent = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const cosine = 1 / Math.sqrt(tangent * tangent + 1)
        rotate(matrix, vectors, p, q, cosine, tangent * cosine)
      }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((a, b) => at(b, b) - at(a, a))
  return {
    components: order.map((i) => vectors[i] as Float64Array),
    variances: order.map((i) => Math.max(0, at(i, i))),
  }
}

/** Turns axes p and q; `vectors` has one eigenvector per row. */
function rotate(matrix: Float64Array[], vectors: Float64Array[], p: number, q: number, cosine: number, sine: number) {
  const turn = (a: Float64Array, i: number, b: Float64Array, j: number) => {
    const [x, y] = [a[i] as number, b[j] as number]
    a[i] = cosine * x - sine * y
    b[j] = sine * x + cosine * y
  }
  for (const row of matrix) turn(row, p, row, q)
  const [rowP, rowQ] = [matrix[p] as Float64Array, matrix[q] as Float64Array]
  for (let k = 0; k < rowP.length; k++) turn(rowP, k, rowQ, k)
  const [vectorP, vectorQ] = [vectors[p] as Float64Array, vectors[q] as Float64Array]
  for (let k = 0; k < vectorP.length; k++) turn(vectorP, k, vectorQ, k)
}
