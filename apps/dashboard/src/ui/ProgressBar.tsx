import { classes } from "./classes.ts"

type ProgressBarProps = {
  label: string
  /** 0 to 1; absent while nobody knows. */
  value?: number | undefined
  tone?: "accent" | "success" | "danger" | "muted"
  className?: string
}

const tones = { accent: "bg-accent", success: "bg-success", danger: "bg-danger", muted: "bg-muted" } as const

export function ProgressBar({ label, value, tone = "accent", className }: ProgressBarProps) {
  const percent = value === undefined ? undefined : Math.round(Math.min(1, Math.max(0, value)) * 1000) / 10
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className={classes("h-1.5 overflow-hidden rounded-full bg-surface-tertiary", className)}
    >
      <div
        className={classes(
          "h-full rounded-full transition-[width] duration-300",
          tones[tone],
          percent === undefined && "w-1/4 animate-pulse",
        )}
        style={percent === undefined ? undefined : { width: `${percent}%` }}
      />
    </div>
  )
}
