import assert from "node:assert/strict"
import { test } from "node:test"
import { splitDocuments } from "./splitDocuments.ts"

const generated = `import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
export type RunQueryVariables = { id: string };
export type RunQuery = { run: { id: string } };
export type RunFieldsFragment = { id: string };

export const RunFieldsFragmentDoc = {"kind":"Document"} as unknown as DocumentNode<RunFieldsFragment, unknown>;
export const RunDocument = {"kind":"Document","definitions":[{"value":"};"}]} as unknown as DocumentNode<RunQuery, RunQueryVariables>;
`

test("a document stands in a module of its own, and where it stood before it is found under the same name", () => {
  const { types, documents } = splitDocuments(generated)
  assert.deepEqual([...documents.keys()], ["RunFieldsFragmentDoc", "RunDocument"])
  assert.match(
    documents.get("RunDocument") ?? "",
    /import type \{ RunQuery, RunQueryVariables \} from "\.\.\/graphql\.ts"/,
  )
  assert.match(
    documents.get("RunDocument") ?? "",
    /^export const RunDocument = \{"kind":"Document","definitions":\[\{"value":"\};"\}\]\} as unknown as TypedDocumentNode<RunQuery, RunQueryVariables>$/m,
  )
  assert.match(documents.get("RunFieldsFragmentDoc") ?? "", /import type \{ RunFieldsFragment \} from/)
  assert.match(types, /^export \{ RunDocument \} from "\.\/documents\/RunDocument\.ts"$/m)
  assert.match(types, /^export type RunQuery = /m)
  assert.doesNotMatch(types, /"kind"/)
})
