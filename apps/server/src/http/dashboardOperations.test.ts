import assert from "node:assert/strict"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
  visit,
} from "graphql"
import { schema } from "../schema/index.ts"
import { operationLimits } from "./graphql.ts"

const folder = join(import.meta.dirname, "../../../dashboard/src")
const definitions = globSync("**/*.graphql", { cwd: folder }).flatMap(
  (file) => parse(readFileSync(join(folder, file), "utf8")).definitions,
)
const fragments = new Map(
  definitions
    .filter((one): one is FragmentDefinitionNode => one.kind === Kind.FRAGMENT_DEFINITION)
    .map((fragment) => [fragment.name.value, fragment]),
)

/** The fragments that a part of a document needs, those of its fragments included. */
function needed(node: ASTNode, into = new Set<FragmentDefinitionNode>()): Set<FragmentDefinitionNode> {
  visit(node, {
    FragmentSpread({ name }) {
      const fragment = fragments.get(name.value)
      if (fragment === undefined || into.has(fragment)) return
      into.add(fragment)
      needed(fragment, into)
    },
  })
  return into
}

/** As Apollo Client sends it: every selection below the operation's own asks for its type, too. */
const asSent = (document: DocumentNode): DocumentNode =>
  visit(document, {
    SelectionSet: (set, _key, parent) =>
      parent !== undefined && "kind" in parent && parent.kind === Kind.OPERATION_DEFINITION
        ? undefined
        : {
            ...set,
            selections: [...set.selections, { kind: Kind.FIELD, name: { kind: Kind.NAME, value: "__typename" } }],
          },
  })

test("no operation of the dashboard is refused for its cost or its depth", () => {
  const operations = definitions.filter((one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION)
  assert.ok(operations.length > 50, `${operations.length} operations`)
  const refused = operations.flatMap((operation) => {
    const document = asSent({ kind: Kind.DOCUMENT, definitions: [operation, ...needed(operation)] })
    return validate(schema, document, [...specifiedRules, ...operationLimits()]).map(
      ({ message }) => `${operation.name?.value}: ${message}`,
    )
  })
  assert.deepEqual(refused, [])
})
