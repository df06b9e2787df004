import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { configurationDocument } from "./configurationDocument.ts"

test("docs/configuration.md is current (else: node_modules/.bin/node scripts/configurationTable.ts --write)", () => {
  const committed = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8")
  assert.equal(committed, configurationDocument())
})

test("every option has a description", () => {
  assert.doesNotMatch(configurationDocument(), /\| *\|\n/)
})
