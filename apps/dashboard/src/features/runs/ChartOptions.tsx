type ChartOptionsProps = {
  /** Of the past in the moving average, 0 to below 1. */
  weight: number
  onWeight: (weight: number) => void
  log: boolean
  onLog: (log: boolean) => void
}

export function ChartOptions({ weight, onWeight, log, onLog }: ChartOptionsProps) {
  return (
    <>
      <label className="flex items-center gap-2 text-muted text-xs">
        Smoothing
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={weight}
          onChange={(event) => onWeight(Number(event.target.value))}
          className="w-24 accent-[var(--accent)]"
        />
      </label>
      <label className="flex items-center gap-1.5 text-muted text-xs">
        <input
          type="checkbox"
          checked={log}
          onChange={(event) => onLog(event.target.checked)}
          className="accent-[var(--accent)]"
        />
        Log axis
      </label>
    </>
  )
}
