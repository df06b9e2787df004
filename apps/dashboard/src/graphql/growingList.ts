/** A list that is read page by page while new things arrive at its front. */

import type { FieldPolicy, Reference } from "@apollo/client"
import { relayStylePagination } from "@apollo/client/utilities"

type Pages = ReturnType<typeof relayStylePagination<Reference>>
type Merge = Extract<Pages["merge"], (...given: never[]) => unknown>

/**
 * Joins pages as `relayStylePagination` does, but a first page that is asked for again does not throw away those after
 * it: what has arrived stands before them, and whoever has scrolled far down stays where they are.
 *
 * @param keyArgs the arguments that tell one list from another, `first` among them.
 */
export function growingList(keyArgs: string[]): FieldPolicy {
  const pages = relayStylePagination<Reference>(keyArgs)
  const join = pages.merge as Merge
  const merge: Merge = (existing, incoming, options) => {
    const { first, after } = options.args ?? {}
    const nodeOf = (edge: unknown) => options.readField<Reference>("node", edge as Reference)?.__ref
    const last = incoming?.edges?.at(-1)
    if (after || last === undefined || !existing || existing.edges.length <= first)
      return join(existing, incoming, options)
    const at = existing.edges.findIndex((edge) => nodeOf(edge) === nodeOf(last))
    if (at < 0) return join(existing, incoming, options)
    const front = join(undefined, incoming, options)
    return front && { ...front, edges: [...front.edges, ...existing.edges.slice(at + 1)], pageInfo: existing.pageInfo }
  }
  return { ...pages, merge }
}
