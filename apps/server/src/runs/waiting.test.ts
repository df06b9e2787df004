import assert from "node:assert/strict"
import { after, before, it } from "node:test"
import { registerWorker, retireWorker } from "@fjord/db"
import { type Caller, startTestServer, type TestServer } from "../testServer.fixture.ts"

let server: TestServer
let owner: { caller: Caller; teamId: string }
before(async () => {
  server = await startTestServer()
  owner = await server.member(undefined, "OWNER")
})
after(() => server.stop())

const info = { name: "w", host: "h", pid: 1, version: "0", provider: "cpu", threads: 1, memoryBytes: 1e9, device: {} }
type Row = Parameters<TestServer["database"]["run"]["create"]>[0]["data"]
const add = (row: Pick<Row, "kind" | "priority" | "status" | "heartbeatAt" | "phase">, teamId = owner.teamId) =>
  server.database.run.create({ data: { teamId, name: "r", config: {}, ...row } as Row })
const shown = async (id: string) => {
  const query = "query ($id: ID!) { run(id: $id) { status phase { name text done total } waiting { ahead workers } } }"
  const { data } = await owner.caller.query(query, { id })
  return data.run
}

it("a queued run tells how many are taken before it, of all teams, and how many workers there are", async () => {
  const first = await add({ kind: "TRAINING" })
  const last = await add({ kind: "GENERATION" })
  assert.deepEqual((await shown(last.id)).waiting, { ahead: 1, workers: 0 })
  const stranger = await server.member(undefined, "OWNER")
  await add({ kind: "TRAINING", priority: 5 }, stranger.teamId)
  await add({ kind: "TRAINING", priority: -1 })
  // Files are moved beside what is computed.
  await add({ kind: "TRANSFER", priority: 9 })
  const worker = await registerWorker(server.database, info)
  await retireWorker(server.database, await registerWorker(server.database, info))
  assert.deepEqual((await shown(last.id)).waiting, { ahead: 2, workers: 1 })
  assert.deepEqual((await shown(first.id)).waiting, { ahead: 1, workers: 1 })
  await retireWorker(server.database, worker)
})

it("a run that is computed tells what it is at, and waits for nothing; one whose worker is gone tells neither", async () => {
  const phase = { phase: "classImages", done: 12.4, total: 40 }
  const running = await add({ kind: "TRAINING", status: "RUNNING", heartbeatAt: new Date(), phase })
  assert.deepEqual(await shown(running.id), {
    status: "RUNNING",
    phase: { name: "classImages", text: "Drawing class pictures, 12 of 40", done: 12.4, total: 40 },
    waiting: null,
  })
  const silent = await add({ kind: "TRAINING", status: "RUNNING", heartbeatAt: new Date(0), phase })
  assert.equal((await shown(silent.id)).phase, null)
})
