/** How right a run's forecast was, in one line. */

import { formatBytes, formatDuration } from "../../ui/format.ts"

export type ForecastAccuracy = {
  readonly estimatedSeconds: number | null
  readonly actualSeconds: number
  readonly secondsRatio: number | null
  readonly estimatedBytes: number | null
  readonly actualBytes: number | null
  readonly bytesRatio: number | null
}

/** "17 % more than foretold". */
function deviation(ratio: number): string {
  const percent = Math.round(Math.abs(ratio - 1) * 100)
  if (percent === 0) return "as foretold"
  return ratio >= 3
    ? `${ratio.toFixed(1)} times what was foretold`
    : `${percent} % ${ratio > 1 ? "more" : "less"} than foretold`
}

/** @returns undefined where nothing was foretold. */
export function forecastLine(accuracy: ForecastAccuracy): string | undefined {
  const { actualSeconds, secondsRatio, actualBytes, bytesRatio } = accuracy
  const parts = [
    secondsRatio !== null && `${formatDuration(actualSeconds)}, ${deviation(secondsRatio)}`,
    bytesRatio !== null && actualBytes !== null && `${formatBytes(actualBytes)} of memory, ${deviation(bytesRatio)}`,
  ].filter((part) => part !== false)
  return parts.length === 0 ? undefined : `It took ${parts.join("; ")}.`
}
