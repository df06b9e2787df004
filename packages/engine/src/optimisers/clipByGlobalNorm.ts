/**
 * Scales gradients in place so that their common l2 norm is at most `maxNorm`: torch.nn.utils.clip_grad_norm_, with the
 * sum of squares in float64. The coefficient is min(1, maxNorm / (norm + 1e-6)).
 * @param gradients all gradients of a step; walked twice, so an array or a Set, not an iterator
 * @returns the norm before clipping; NaN or Infinity when a gradient is, and then all gradients become useless, as in
 *   PyTorch: check the returned norm before stepping
 */
export function clipByGlobalNorm(gradients: Iterable<Float32Array>, maxNorm: number): number {
  let sum = 0
  for (const gradient of gradients) sum += sumOfSquares(gradient)
  const norm = Math.sqrt(sum)
  const coefficient = clipCoefficient(norm, maxNorm)
  if (coefficient !== 1) for (const gradient of gradients) scaleInPlace(gradient, coefficient)
  return norm
}

/** What the gradients must be multiplied with; 1 when nothing needs clipping. */
export function clipCoefficient(norm: number, maxNorm: number): number {
  return Math.min(1, maxNorm / (norm + 1e-6))
}

/** The sum of the squares, in float64. */
export function sumOfSquares(values: Float32Array): number {
  // Four sums hide the latency of the addition.
  let [a, b, c, d] = [0, 0, 0, 0]
  const whole = values.length - (values.length % 4)
  for (let i = 0; i < whole; i += 4) {
    a += (values[i] as number) ** 2
    b += (values[i + 1] as number) ** 2
    c += (values[i + 2] as number) ** 2
    d += (values[i + 3] as number) ** 2
  }
  for (let i = whole; i < values.length; i++) a += (values[i] as number) ** 2
  return a + b + c + d
}

/** Multiplies with a factor, itself rounded to float32 first as PyTorch's is. */
export function scaleInPlace(values: Float32Array, factor: number): void {
  const rounded = Math.fround(factor)
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * rounded
}
