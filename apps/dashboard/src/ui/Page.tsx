/** The frame of every page: breadcrumbs, title, one line that explains, actions, content. */

import type { ReactNode } from "react"
import { Breadcrumbs, type Crumb } from "./Breadcrumbs.tsx"

type PageProps = {
  title: ReactNode
  hint?: ReactNode
  crumbs?: readonly Crumb[]
  actions?: ReactNode
  children: ReactNode
}

export function Page({ title, hint, crumbs, actions, children }: PageProps) {
  return (
    <div className="mx-auto flex w-full max-w-7xl flex-col gap-5 px-4 py-5 sm:px-6 lg:px-8 lg:py-7">
      <header className="flex flex-wrap items-end gap-x-4 gap-y-3">
        <div className="min-w-0 flex-1 basis-72">
          {crumbs !== undefined && <Breadcrumbs crumbs={crumbs} />}
          <h1
            className="truncate font-semibold text-2xl tracking-tight"
            // Long names are cut; whoever points at one reads the whole.
            title={typeof title === "string" ? title : undefined}
          >
            {title}
          </h1>
          {hint !== undefined && <div className="mt-0.5 text-pretty text-muted text-sm">{hint}</div>}
        </div>
        {actions !== undefined && actions !== false && (
          <div className="flex flex-wrap items-center gap-2">{actions}</div>
        )}
      </header>
      {children}
    </div>
  )
}
