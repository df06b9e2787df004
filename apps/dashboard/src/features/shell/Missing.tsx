import { SearchX } from "lucide-react"
import { LinkButton } from "../../ui/Button.tsx"
import { EmptyState } from "../../ui/EmptyState.tsx"

export function Missing({ what, href, all }: { what: string; href: string; all: string }) {
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
      It was deleted, or it belongs to a team that you are not a member of.
    </EmptyState>
  )
}
