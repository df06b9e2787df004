/** Whatever a page shows or does is one operation of the API; this puts it into the clipboard. */

import type { TypedDocumentNode } from "@apollo/client"
import { copyText } from "../ui/copyText.ts"
import { asCurl } from "./asCurl.ts"

export const copyQuery = <Data, Variables extends Record<string, unknown>>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
) =>
  copyText(
    asCurl(document, variables, location.origin),
    "The query is copied.",
    "It runs with a token of Settings in FJORD_TOKEN.",
  )
