import { EmptyState } from "../ui/EmptyState.tsx"

/** Loaded beside every page, as Next wants it: plain, so that no page carries a link's code twice. */
export default function NotFound() {
  return (
    <main>
      <EmptyState
        page
        title="There is no such page"
        className="py-24"
        actions={
          <a href="/" className="button button--primary">
            Go to the studio
          </a>
        }
      >
        Its address may be mistyped, or from another version.
      </EmptyState>
    </main>
  )
}
