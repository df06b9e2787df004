import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { after, before, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { requestCancel } from "./requestRun.ts"
import {
  aliveSeconds,
  fenceSeconds,
  heartbeatSeconds,
  silentSeconds,
  sweepSeconds,
  sweepSilentRuns,
  watchSilentRuns,
} from "./silentRuns.ts"
import { startTestDatabase, type TestDatabase } from "./testing.ts"
import { releaseRun } from "./workers.ts"

let server: TestDatabase
let teamId: string
before(async () => {
  server = await startTestDatabase()
  teamId = (await server.database.team.create({ data: { name: "a" } })).id
})
after(() => server.stop())

/** A run whose worker was last heard of a minute ago. */
const silentRun = () =>
  server.database.run.create({
    data: {
      teamId,
      kind: "TRAINING",
      name: "r",
      config: {},
      status: "RUNNING",
      attempt: 1,
      heartbeatAt: new Date(Date.now() - 60_000),
    },
  })
const statusOf = async (id: string) => (await server.database.run.findUniqueOrThrow({ where: { id } })).status

test("computing ends before others take over, and a busy machine has seconds to take over before the run shows as running too long", () => {
  assert.ok(fenceSeconds + heartbeatSeconds < silentSeconds)
  assert.ok(silentSeconds + sweepSeconds + 3 <= aliveSeconds)
})

test("the documents tell the times by which silence goes", () => {
  const text = readFileSync(fileURLToPath(new URL("../../../docs/operations.md", import.meta.url)), "utf8")
  assert.equal(sweepSeconds, 1)
  for (const said of [
    `after ${silentSeconds} s without a sign of life, looked for every second`,
    `ends its computing by itself after ${fenceSeconds} s`,
    `${aliveSeconds} s after the last sign nothing shows it as running`,
  ])
    assert.ok(text.includes(said), said)
})

test("a run that nobody works at is given back without being asked for", async () => {
  const { id } = await silentRun()
  const stop = watchSilentRuns(server.database, assert.ifError)
  try {
    while ((await statusOf(id)) !== "QUEUED") await sleep(50)
  } finally {
    stop()
  }
})

test("a run that cannot be given back does not keep the others from it", async () => {
  const runs = [await silentRun(), await silentRun(), await silentRun()]
  const [, stuck] = runs.map(({ id }) => id)
  assert.ok(stuck)
  // The number of the event that the sweep would write is taken.
  await server.database.runEvent.create({ data: { runId: stuck, seq: 1, type: "Message", data: {} } })
  await assert.rejects(sweepSilentRuns(server.database))
  assert.deepEqual(await Promise.all(runs.map(({ id }) => statusOf(id))), ["QUEUED", "RUNNING", "QUEUED"])
  await server.database.runEvent.deleteMany({ where: { runId: stuck } })
  assert.equal(await sweepSilentRuns(server.database), 1)
  assert.equal(await statusOf(stuck), "QUEUED")
})

test("a run that somebody cancels while it is given back is cancelled: it does not wait for a worker that may not take it", async () => {
  const { id } = await silentRun()
  const { database } = server
  let released: Promise<unknown> = Promise.resolve()
  await database.$transaction(async (transaction) => {
    await transaction.$executeRaw`UPDATE "Run" SET "cancelRequestedAt" = now() WHERE id = ${id}`
    released = releaseRun(database, { runId: id, attempt: 1 }, { reason: "Its worker was shut down.", died: false })
    // It has read the row as it was before, and waits for this transaction in order to change it.
    for (let waiting = 0; waiting === 0; await sleep(10)) {
      const [row] = await database.$queryRaw<{ waiting: number }[]>`
        SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted`
      waiting = row?.waiting ?? 0
    }
  })
  assert.equal(await released, "CANCELLED")
  assert.equal(await statusOf(id), "CANCELLED")
  assert.equal(await requestCancel(database, id), false)
})
