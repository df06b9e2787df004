import type { ReactNode } from "react"
import { classes } from "./classes.ts"

type ScrollAreaProps = { label: string; className?: string; children: ReactNode }

/** A part of the page that scrolls by itself, by the keyboard too. */
export function ScrollArea({ label, className, children }: ScrollAreaProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus the arrow keys could not scroll it.
    <section aria-label={label} tabIndex={0} className={classes("overflow-auto", className)}>
      {children}
    </section>
  )
}
