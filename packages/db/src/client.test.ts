import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { openDatabase } from "./client.ts"
import { startTestDatabase, type TestDatabase } from "./testing.ts"
import { registerWorker } from "./workers.ts"

let server: TestDatabase
before(async () => {
  server = await startTestDatabase()
})
after(() => server.stop())

test("signs of life are in UTC whatever the database's own time zone is", async () => {
  await server.database.$executeRawUnsafe(
    `ALTER DATABASE "${new URL(server.url).pathname.slice(1)}" SET timezone TO 'Europe/Oslo'`,
  )
  const database = openDatabase(server.url)
  try {
    const id = await registerWorker(database, {
      name: "w",
      host: "h",
      pid: 1,
      version: "0",
      provider: "cpu",
      threads: 1,
      memoryBytes: 1e9,
      device: {},
    })
    await database.$executeRaw`UPDATE "Worker" SET "heartbeatAt" = now() WHERE id = ${id}`
    const { heartbeatAt } = await database.worker.findUniqueOrThrow({ where: { id } })
    assert.ok(Math.abs(Date.now() - heartbeatAt.getTime()) < 60_000, heartbeatAt.toISOString())
  } finally {
    await database.$disconnect()
  }
})
