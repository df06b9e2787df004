import assert from "node:assert/strict"
import { after, before, it } from "node:test"
import { type Caller, startTestServer, type TestServer } from "../testServer.fixture.ts"
import { isAlive, shownStatus } from "./alive.ts"

let server: TestServer
let owner: { caller: Caller; teamId: string }
before(async () => {
  server = await startTestServer()
  owner = await server.member(undefined, "OWNER")
})
after(() => server.stop())

it("a run is RUNNING until 15 seconds after its worker's last sign of life by the database's clock, then QUEUED", () => {
  const moment = Date.UTC(2026, 0, 1)
  const silentFor = (seconds: number, status: "RUNNING" | "SUCCEEDED" = "RUNNING") =>
    shownStatus({ status, heartbeatAt: new Date(moment - seconds * 1000) }, { databaseNow: () => moment })
  assert.deepEqual(
    [0, 14.999, 15, 3600].map((seconds) => silentFor(seconds)),
    ["RUNNING", "RUNNING", "QUEUED", "QUEUED"],
  )
  assert.equal(silentFor(3600, "SUCCEEDED"), "SUCCEEDED")
  assert.equal(isAlive({ status: "RUNNING", heartbeatAt: null }, { databaseNow: () => moment }), false)
})

it("nothing shows a dead worker's run as RUNNING, even where the sweep that would queue it fails", async () => {
  const { database } = server
  const { teamId } = owner
  const config = { options: { instancePrompt: "x" } }
  const run = await database.run.create({
    data: { teamId, kind: "TRAINING", name: "r", config, status: "RUNNING", heartbeatAt: new Date() },
  })
  // The number of the event that the sweep would write is taken: its transaction fails, again and again.
  await database.runEvent.create({ data: { runId: run.id, seq: 1, type: "Message", data: {} } })
  const query = `query ($teamId: ID!, $id: ID!) { run(id: $id) { status alive }
    running: trainingRuns(teamId: $teamId, status: RUNNING) { totalCount edges { node { id } } }
    queued: trainingRuns(teamId: $teamId, status: QUEUED) { totalCount edges { node { id } } } }`
  const shown = async () => {
    const { data } = await owner.caller.query(query, { teamId, id: run.id })
    const listed = [data.running, data.queued].map(({ totalCount, edges }) => [totalCount, edges.length])
    const metrics = await (await server.stranger.fetch("/metrics")).text()
    return { ...data.run, listed, counted: /fjord_runs\{kind="TRAINING",status="(\w+)"\} 1/.exec(metrics)?.[1] }
  }
  const running = {
    status: "RUNNING",
    alive: true,
    counted: "RUNNING",
    listed: [
      [1, 1],
      [0, 0],
    ],
  }
  assert.deepEqual(await shown(), running)
  await database.run.update({ where: { id: run.id }, data: { heartbeatAt: new Date(Date.now() - 16_000) } })
  const queued = {
    status: "QUEUED",
    alive: false,
    counted: "QUEUED",
    listed: [
      [0, 0],
      [1, 1],
    ],
  }
  assert.deepEqual(await shown(), queued)
  assert.equal((await database.run.findUniqueOrThrow({ where: { id: run.id } })).status, "RUNNING")
})
