import { SearchX } from "lucide-react"
import { LinkButton } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"

type MissingProps = {
  what: string
  href: string
  all: string
  /** What may have become of it. */
  why?: string
}

const usualWhy = "It was deleted, or it belongs to a team that you are not a member of."

export function Missing({ what, href, all, why = usualWhy }: MissingProps) {
  return (
    <EmptyState
      page
      icon={<SearchX />}
      title={`There is no such ${what}`}
      className="py-24"
      actions={
        <LinkButton variant="primary" href={href}>
          {all}
        </LinkButton>
      }
    >
      {why}
    </EmptyState>
  )
}
