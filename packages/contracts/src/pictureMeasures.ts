/** Two measures of a picture, by which data sets find pictures that are blurred or nearly alike. */

/**
 * dHash (Krawetz, 2013): whether each pixel is brighter than its right neighbour, as 16 hexadecimal digits.
 * @param grey 9 × 8 luminances, row by row
 */
export function differenceHash(grey: Uint8Array): string {
  let hash = 0n
  for (let y = 0; y < 8; y++)
    for (let x = 0; x < 8; x++) hash = (hash << 1n) | ((grey[y * 9 + x] ?? 0) > (grey[y * 9 + x + 1] ?? 0) ? 1n : 0n)
  return hash.toString(16).padStart(16, "0")
}

/**
 * Variance of the Laplacian (Pech-Pacheco et al., 2000); low means blurred. Pictures compare when their longer side has
 * at most 512 pixels.
 * @param grey width × height luminances, row by row
 */
export function laplacianVariance(grey: Uint8Array, width: number, height: number): number {
  const at = (x: number, y: number) => grey[y * width + x] ?? 0
  let sum = 0
  let squares = 0
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const value = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4 * at(x, y)
      sum += value
      squares += value * value
    }
  const count = Math.max(1, (width - 2) * (height - 2))
  return squares / count - (sum / count) ** 2
}
