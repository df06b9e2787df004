/** A titled box of a page. */

import { type ReactNode, useId } from "react"
import { classes } from "./classes.ts"

type PanelProps = {
  title?: ReactNode
  /** One line under the title. */
  hint?: ReactNode
  actions?: ReactNode
  children: ReactNode
  className?: string
  /** Without inner space, for tables and grids that reach the border. */
  flush?: boolean
}

export function Panel({ title, hint, actions, children, className, flush }: PanelProps) {
  const id = useId()
  return (
    <section
      aria-labelledby={title === undefined ? undefined : id}
      className={classes("min-w-0 rounded-2xl border border-border bg-surface shadow-surface", className)}
    >
      {title !== undefined && (
        <header className="flex min-h-14 flex-wrap items-center gap-x-3 gap-y-1 px-4 pt-3.5 pb-3 sm:px-5">
          <div className="min-w-0 flex-1">
            <h2 id={id} className="font-semibold text-[0.9375rem]">
              {title}
            </h2>
            {hint !== undefined && <p className="text-muted text-sm">{hint}</p>}
          </div>
          {actions}
        </header>
      )}
      <div className={flush ? "" : classes("px-4 pb-4 sm:px-5 sm:pb-5", title === undefined && "pt-4 sm:pt-5")}>
        {children}
      </div>
    </section>
  )
}
