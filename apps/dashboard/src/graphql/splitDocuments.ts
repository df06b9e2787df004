/** Gives each operation's document a module of its own, so that a page loads those it sends and no others. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** As the client preset prints it: one line each, its types named in the cast. */
const document = /^export const (\w+) = (\{.*\}) as unknown as DocumentNode<(\w+), (\w+)>;$/gm

/** @returns the generated module without documents, which it exports from ./documents/, and the text of each of those. */
export function splitDocuments(generated: string): { types: string; documents: ReadonlyMap<string, string> } {
  const documents = new Map<string, string>()
  const types = generated.replace(document, (_, name: string, literal: string, data: string, variables: string) => {
    const used = [data, variables].filter((type) => type !== "unknown").join(", ")
    documents.set(
      name,
      `import type { TypedDocumentNode } from "@graphql-typed-document-node/core"
import type { ${used} } from "../graphql.ts"

export const ${name} = ${literal} as unknown as TypedDocumentNode<${data}, ${variables}>
`,
    )
    return `export { ${name} } from "./documents/${name}.ts"`
  })
  return { types, documents }
}

/** Hook of the code generator: puts the documents of a written module beside it, in place of all that were there. */
export function writeDocuments(path: string) {
  const { types, documents } = splitDocuments(readFileSync(path, "utf8"))
  if (documents.size === 0) return
  const folder = join(dirname(path), "documents")
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  for (const [name, text] of documents) writeFileSync(join(folder, `${name}.ts`), text)
  writeFileSync(path, types)
}
