import { classes } from "./classes.ts"

/** A grey place holder of the size of what is loading, so that nothing jumps. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <div
      aria-hidden="true"
      className={classes("animate-pulse rounded-xl bg-surface-tertiary motion-reduce:animate-none", className)}
    />
  )
}
