import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { announceRun, claimRun, openDatabase, registerWorker } from "@fjord/db"
import { startTestDatabase, type TestDatabase } from "@fjord/db/testing"
import { networkTo } from "./network.fixture.ts"
import { isTransient, RunRecorder } from "./runRecorder.ts"

let postgres: TestDatabase
before(async () => {
  postgres = await startTestDatabase()
})
after(() => postgres.stop())

test("a database that is restarted within a transaction is asked again: the events are there once, the run has not failed", async () => {
  const network = await networkTo(postgres.url)
  const database = openDatabase(network.url, 2)
  try {
    const team = await database.team.create({ data: { name: "t" } })
    const { id } = await database.run.create({ data: { teamId: team.id, kind: "TRANSFER", name: "r", config: {} } })
    await announceRun(database)
    const info = { name: "w", host: "h", pid: 1, version: "0", provider: "cpu", threads: 1, memoryBytes: 1, device: {} }
    const worker = { id: await registerWorker(database, info), name: "w" }
    const claim = await claimRun(database, worker, ["TRANSFER"])
    assert.ok(claim !== null)
    const { lastSeq } = await database.run.findUniqueOrThrow({ where: { id } })
    const recorder = new RunRecorder(database, claim, lastSeq, () => false)
    let tries = 0
    const failures: unknown[] = []
    await recorder.now({ type: "Transferred", bytes: 1, totalBytes: 1 }, async (transaction) => {
      tries++
      if (tries > 1) return
      await postgres.restart()
      await sleep(200)
      await transaction.team.count().catch((error: unknown) => {
        failures.push(error)
        throw error
      })
    })
    assert.equal(tries, 2)
    assert.deepEqual(failures.map(isTransient), [true])
    const events = await database.runEvent.findMany({ where: { runId: id }, orderBy: { seq: "asc" } })
    assert.equal(events.filter(({ type }) => type === "Transferred").length, 1)
    assert.equal((await database.run.findUniqueOrThrow({ where: { id } })).status, "RUNNING")
  } finally {
    await database.$disconnect()
    await network.close()
  }
})

test("what the database refuses is not asked again", async () => {
  const refused = await postgres.database.$executeRaw`SELECT nonsense`.then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.ok(refused instanceof Error)
  assert.equal(isTransient(refused), false)
})
