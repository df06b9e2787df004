import assert from "node:assert/strict"
import { mkdirSync, readdirSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { after, before, it } from "node:test"
import { tidy } from "./housekeeping.ts"
import { startTestServer, type TestServer } from "./testServer.fixture.ts"

let server: TestServer
before(async () => {
  server = await startTestServer()
})
after(() => server.stop())

it("what a killed server left of uploads goes after a day; the folder of one that lives stays, however idle", async () => {
  const folders = () => readdirSync(server.folder).filter((name) => name.startsWith("incoming-"))
  const [own = ""] = folders()
  mkdirSync(join(server.folder, "incoming-killed", "x"), { recursive: true })
  const long = new Date(Date.now() - 48 * 3600_000)
  for (const name of folders()) utimesSync(join(server.folder, name), long, long)
  await tidy({ database: server.database, incoming: join(server.folder, own) })
  assert.deepEqual(folders(), [own])
})
