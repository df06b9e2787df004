import { Missing } from "../features/shell/Missing.tsx"

export default function NotFound() {
  return (
    <main>
      <Missing
        what="page"
        href="/"
        all="Go to the studio"
        why="Its address may be mistyped, or from another version."
      />
    </main>
  )
}
