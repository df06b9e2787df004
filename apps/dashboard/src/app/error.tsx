"use client"

import { EmptyState } from "../ui/EmptyState.tsx"

/**
 * What is shown when a page itself breaks; nothing that runs at the server is touched by it. Loaded beside every page:
 * plain, so that no page carries a link's code twice.
 */
export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <main>
      <EmptyState
        page
        title="This page broke"
        className="py-24"
        actions={
          <button type="button" className="button button--primary" onClick={reset}>
            Show it again
          </button>
        }
      >
        {error.message} Your runs and files are not affected.
      </EmptyState>
    </main>
  )
}
