import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { test } from "node:test"
import { parse } from "graphql"
import { asCurl } from "./asCurl.ts"

test("a shell hands curl the very query and variables, quotes and lines included", () => {
  const document = parse("query Image($id: ID!) { __typename generatedImage(id: $id) { __typename prompt } }")
  const variables = { id: "it's\n$HOME" }
  const command = asCurl(document, variables, "http://localhost:4100").replace(/^curl/, `printf '%s\\0'`)
  const given = execFileSync("sh", ["-c", command], {
    encoding: "utf8",
    env: { ...process.env, FJORD_TOKEN: "fjord_1" },
  }).split("\0")
  assert.equal(given[0], "http://localhost:4100/graphql")
  assert.equal(given[4], "authorization: Bearer fjord_1")
  const body: { query: string; variables: unknown } = JSON.parse(given[6] ?? "")
  assert.deepEqual(body.variables, variables)
  assert.equal(body.query.replace(/\s+/g, " "), "query Image($id: ID!) { generatedImage(id: $id) { prompt } }")
})
