/** What a place without content says: what belongs here and how it gets there. */

import type { ReactNode } from "react"
import { classes } from "./classes.ts"

type EmptyStateProps = {
  icon?: ReactNode
  title: string
  children?: ReactNode
  actions?: ReactNode
  className?: string
  /** It is the whole page, and its title the page's. */
  page?: boolean
}

export function EmptyState({ icon, title, children, actions, className, page }: EmptyStateProps) {
  const Title = page ? "h1" : "p"
  return (
    <div className={classes("flex flex-col items-center justify-center gap-2 px-6 py-10 text-center", className)}>
      {icon !== undefined && (
        <span
          aria-hidden="true"
          className="mb-1 rounded-2xl bg-accent-soft p-3 text-accent-soft-foreground [&>svg]:size-6"
        >
          {icon}
        </span>
      )}
      <Title className="font-semibold">{title}</Title>
      {children !== undefined && <div className="max-w-md text-pretty text-muted text-sm">{children}</div>}
      {actions !== undefined && <div className="mt-3 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  )
}
