/** A text whose parts between backticks are shown as code. */
export function WithCode({ children }: { children: string }) {
  return children.split("`").map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name, and never move.
      <code key={index} className="rounded bg-surface-secondary px-1">
        {part}
      </code>
    ),
  )
}
