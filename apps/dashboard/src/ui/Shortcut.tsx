import type { ReactNode } from "react"

export function Shortcut({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-flex min-w-5 items-center justify-center rounded-md border border-border bg-surface-secondary px-1.5 py-0.5 font-medium font-sans text-[0.6875rem] text-muted leading-4">
      {children}
    </kbd>
  )
}
