/** Learning rate of a step counted from 0: linear warm-up, constant, then half a cosine down to a hundredth over the last part. */
export function learningRateAt(
  step: number,
  options: { readonly peak: number; readonly warmup: number; readonly steps: number; readonly cooling: number },
): number {
  const { peak, warmup, steps, cooling } = options
  if (step < warmup) return (peak * (step + 1)) / warmup
  const start = steps * (1 - cooling)
  if (step <= start) return peak
  const progress = Math.min(1, (step - start) / (steps - start))
  return peak * (0.01 + 0.99 * 0.5 * (1 + Math.cos(Math.PI * progress)))
}
