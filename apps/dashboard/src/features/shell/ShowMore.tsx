"use client"

import { Button } from "../../ui/Button.tsx"

type ShowMoreProps = {
  page: { hasNextPage: boolean; endCursor?: string | null | undefined }
  fetchMore: (options: { variables: { after: string | null } }) => unknown
}

/** The next page of a list, where there is one. */
export function ShowMore({ page, fetchMore }: ShowMoreProps) {
  if (!page.hasNextPage) return null
  return (
    <Button className="self-center" onClick={() => void fetchMore({ variables: { after: page.endCursor ?? null } })}>
      Show more
    </Button>
  )
}
