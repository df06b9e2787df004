/** What a page asked, as a command that asks it again. Pure. */

import { type DocumentNode, print, visit } from "graphql"

/** The text without what Apollo adds for its cache. */
const textOf = (document: DocumentNode): string =>
  print(visit(document, { Field: (field) => (field.name.value === "__typename" ? null : undefined) }))

/** Inside single quotes of a POSIX shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** @param origin of the studio, e.g. http://localhost:4100. @returns a curl command; the token is left to the reader. */
export function asCurl(document: DocumentNode, variables: Record<string, unknown>, origin: string): string {
  const body = JSON.stringify({ query: textOf(document), variables })
  return [
    `curl ${origin}/graphql`,
    `-H 'content-type: application/json'`,
    `-H "authorization: Bearer $FJORD_TOKEN"`,
    `--data ${quoted(body)}`,
  ].join(" \\\n  ")
}
