import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { startTestDatabase, type TestDatabase } from "./testing.ts"

let test1: TestDatabase
before(async () => {
  test1 = await startTestDatabase()
})
after(() => test1.stop())

test("a test has a migrated Postgres of its own that keeps its rows over a restart", async () => {
  const team = await test1.database.team.create({ data: { name: "a" } })
  await test1.restart()
  const found = await test1.database.team.findUniqueOrThrow({ where: { id: team.id } })
  assert.equal(found.name, "a")
})
