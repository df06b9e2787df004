/** A sentence that matters here: information, warning, failure, success. */

import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react"
import type { ReactNode } from "react"
import { classes } from "./classes.ts"

const tones = {
  info: { icon: Info, look: "bg-accent-soft text-accent-soft-foreground" },
  success: { icon: CircleCheck, look: "bg-success-soft text-success-soft-foreground" },
  warning: { icon: TriangleAlert, look: "bg-warning-soft text-warning-soft-foreground" },
  danger: { icon: CircleAlert, look: "bg-danger-soft text-danger-soft-foreground" },
} as const

type NoticeProps = {
  tone?: keyof typeof tones
  title?: ReactNode
  children?: ReactNode
  actions?: ReactNode
  className?: string
}

export function Notice({ tone = "info", title, children, actions, className }: NoticeProps) {
  const { icon: Icon, look } = tones[tone]
  return (
    <div
      role={tone === "danger" ? "alert" : undefined}
      className={classes("flex flex-wrap gap-3 rounded-xl px-4 py-3 text-sm", look, className)}
    >
      <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1 basis-52">
        {title !== undefined && <p className="font-semibold">{title}</p>}
        {children}
      </div>
      {actions !== undefined && <div className="flex max-w-full shrink-0 flex-wrap items-start gap-2">{actions}</div>}
    </div>
  )
}
