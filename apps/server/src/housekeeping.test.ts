import assert from "node:assert/strict"
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, it } from "node:test"
import { recordFile } from "@fjord/db"
import { sweepThumbnails } from "./files/thumbnails.ts"
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

it("thumbnails go with their pictures, and half ones after a day", async () => {
  const { database, files } = server
  const { teamId } = await server.member(undefined, "OWNER")
  const { hash, byteSize } = await files.put(Buffer.from("a picture"))
  await recordFile(database, files, { hash, byteSize, mediaType: "image/png" }, teamId)
  const folder = join(server.folder, "made-small")
  await sweepThumbnails(database, folder)
  const names = [
    `${hash}-384.webp`,
    `${hash}-768.webp.killed`,
    `${hash}-768.webp.current`,
    `${"0".repeat(64)}-384.webp`,
  ]
  for (const name of names) {
    mkdirSync(join(folder, name.slice(0, 2)), { recursive: true })
    writeFileSync(join(folder, name.slice(0, 2), name), "x")
  }
  const long = new Date(Date.now() - 48 * 3600_000)
  for (const name of names.slice(0, 2)) utimesSync(join(folder, hash.slice(0, 2), name), long, long)
  await sweepThumbnails(database, folder)
  const left = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  assert.deepEqual(left.map(({ name }) => name).sort(), [names[0], names[2]].sort())
})
