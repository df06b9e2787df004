/** The page of a run, of whichever kind. */
export function runHref(run: { __typename?: string; id: string }): string {
  if (run.__typename === "Generation") return `/generate?run=${run.id}`
  if (run.__typename === "Transfer") return `/transfers/${run.id}`
  return `/runs/${run.id}`
}
