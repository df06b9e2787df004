"use client"

import { Button } from "../ui/Button.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"

/** What is shown when a page itself breaks; nothing that runs at the server is touched by it. */
export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <main>
      <EmptyState
        page
        title="This page broke"
        className="py-24"
        actions={
          <Button variant="primary" onClick={reset}>
            Show it again
          </Button>
        }
      >
        {error.message} Your runs and files are not affected.
      </EmptyState>
    </main>
  )
}
