/** What the dashboard asks is within what the API answers. */

import assert from "node:assert/strict"
import { globSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { type DocumentNode, Kind, print, visit } from "graphql"
import { startTestServer } from "./testServer.fixture.ts"

const folder = join(import.meta.dirname, "../../dashboard/src/graphql/generated/documents")
const typename = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } } as const

/** As Apollo sends it: every selection but the operation's own names its type, which costs, too. */
const asSent = (document: DocumentNode): string =>
  print(
    visit(document, {
      SelectionSet: (set, _key, parent) =>
        parent !== undefined && "kind" in parent && parent.kind === Kind.OPERATION_DEFINITION
          ? undefined
          : { ...set, selections: [...set.selections, typename] },
    }),
  )

test("no query of the dashboard costs more than the API allows", async () => {
  const server = await startTestServer()
  try {
    const { caller } = await server.member(undefined, "OWNER")
    const refused: string[] = []
    const files = globSync("*.ts", { cwd: folder })
    for (const file of files) {
      const [document] = Object.values<DocumentNode>(await import(join(folder, file)))
      const operation = document?.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)
      if (document === undefined || operation === undefined || operation.operation === "subscription") continue
      const { errors = [] } = await caller.query(asSent(document), {})
      for (const { message } of errors) if (/cost/i.test(message)) refused.push(`${file}: ${message}`)
    }
    assert.ok(files.length > 50)
    assert.deepEqual(refused, [])
  } finally {
    await server.stop()
  }
})
