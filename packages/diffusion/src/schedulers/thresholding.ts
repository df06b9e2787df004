import type { SchedulerConfig } from "./config.ts"
import type { StepOptions } from "./scheduler.ts"

/** The predicted x0, kept in range as `config` asks: dynamic thresholding (Imagen, arXiv 2205.11487), clipping or nothing. */
export function constrain(original: Float32Array, config: SchedulerConfig, options: StepOptions): Float32Array {
  if (config.thresholding) return dynamicThreshold(original, config, options.batchSize ?? 1)
  if (!config.clipSample) return original
  const range = config.clipSampleRange
  return original.map((value) => Math.min(Math.max(value, -range), range))
}

export function dynamicThreshold(original: Float32Array, config: SchedulerConfig, batchSize: number): Float32Array {
  const size = original.length / batchSize
  const result = new Float32Array(original.length)
  for (let start = 0; start < original.length; start += size) {
    const row = original.subarray(start, start + size)
    const magnitude = quantile(row.map(Math.abs), config.dynamicThresholdingRatio)
    const limit = Math.min(Math.max(magnitude, 1), config.sampleMaxValue)
    for (let i = 0; i < row.length; i++) {
      result[start + i] = Math.min(Math.max(row[i] as number, -limit), limit) / limit
    }
  }
  return result
}

/** `torch.quantile` with linear interpolation. */
function quantile(values: Float32Array, ratio: number): number {
  const sorted = values.toSorted()
  const rank = Math.fround(Math.fround(ratio) * (sorted.length - 1))
  const low = sorted[Math.floor(rank)] as number
  const high = sorted[Math.ceil(rank)] as number
  return Math.fround(low + (rank - Math.floor(rank)) * (high - low))
}
