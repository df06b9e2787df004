import { ChevronRight } from "lucide-react"
import { Link } from "./Link.tsx"

export type Crumb = { label: string; href?: string }

export function Breadcrumbs({ crumbs }: { crumbs: readonly Crumb[] }) {
  return (
    <nav aria-label="Breadcrumbs">
      <ol className="flex flex-wrap items-center gap-1 text-muted text-sm">
        {crumbs.map((crumb, index) => (
          <li key={crumb.href ?? crumb.label} className="flex min-w-0 items-center gap-1">
            {index > 0 && <ChevronRight aria-hidden="true" className="size-3.5 shrink-0" />}
            {crumb.href === undefined ? (
              <span aria-current="page" className="max-w-56 truncate">
                {crumb.label}
              </span>
            ) : (
              <Link href={crumb.href} className="max-w-56 truncate rounded hover:text-foreground hover:underline">
                {crumb.label}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}
