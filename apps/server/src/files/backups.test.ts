import assert from "node:assert/strict"
import { createWriteStream } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { pipeline } from "node:stream/promises"
import { after, before, it } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { openFileStore, recordFile, restoreStudio } from "@fjord/db"
import { startTestDatabase } from "@fjord/db/testing"
import yauzl from "yauzl"
import { type Caller, startTestServer, type TestServer, testPicture } from "../testServer.fixture.ts"

let server: TestServer
let owner: { caller: Caller; teamId: string; userId: string }
before(async () => {
  server = await startTestServer()
  owner = await server.member(undefined, "OWNER")
})
after(() => server.stop())

const create = `mutation { createBackup { ... on MutationCreateBackupSuccess { data { id state downloadUrl } } ... on Error { message } } }`
const list = `{ viewer { ownsStudio } backups { totalCount edges { node { id state rows files bytes totalBytes problem createdBy { name } } } } }`

async function unpack(archive: string, folder: string) {
  const zip = await yauzl.openPromise(archive, { lazyEntries: true })
  for await (const entry of zip.eachEntry()) {
    const place = join(folder, entry.fileName)
    await mkdir(dirname(place), { recursive: true })
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(place))
  }
  zip.close()
}

it("a downloaded backup, unpacked, is one that can be restored: the same rows, the same files", async (context) => {
  const picture = await testPicture(1)
  const file = await server.files.put(picture)
  await recordFile(server.database, server.files, { ...file, mediaType: "image/png" }, owner.teamId)
  const backup = await owner.caller.act("createBackup", create)
  assert.equal(backup.state, "WAITING")
  const response = await owner.caller.fetch(backup.downloadUrl)
  assert.equal(response.headers.get("content-type"), "application/zip")
  const archive = join(server.folder, "backup.zip")
  await writeFile(archive, Buffer.from(await response.arrayBuffer()))
  const { data } = await owner.caller.query(list)
  assert.equal(data.viewer.ownsStudio, true)
  const [{ node }] = data.backups.edges
  assert.deepEqual(
    [node.state, node.files, node.bytes, node.totalBytes, node.problem],
    ["DONE", 1, picture.length, picture.length, null],
  )

  const empty = await startTestDatabase()
  context.after(() => empty.stop())
  const restored = await openFileStore({ folder: join(server.folder, "restored") })
  await unpack(archive, join(server.folder, "unpacked"))
  await restoreStudio(empty.url, restored, join(server.folder, "unpacked"))
  assert.deepEqual(await empty.database.user.findMany(), await server.database.user.findMany())
  await restored.copyTo(file.hash, join(server.folder, "picture"))
})

it("a backup whose reader goes away, or of which a file is missing, has FAILED and can be taken again", async () => {
  const lost = { hash: "f".repeat(64), byteSize: 10n, mediaType: "image/png" }
  await server.database.file.create({ data: lost })
  const backup = await owner.caller.act("createBackup", create)
  await assert.rejects(async () => (await owner.caller.fetch(backup.downloadUrl)).arrayBuffer())
  const latest = async () => (await owner.caller.query(list)).data.backups.edges[0].node
  for (let node = await latest(); node.state !== "FAILED"; node = await latest()) assert.notEqual(node.state, "DONE")
  assert.match((await latest()).problem, /broke off/)
  await server.database.file.delete({ where: { hash: lost.hash } })
  await (await owner.caller.fetch(backup.downloadUrl)).arrayBuffer()
  assert.equal((await latest()).state, "DONE")
})

it("who follows the backups is told of each as it comes, gets on and ends; nobody else is", async () => {
  const told: string[] = []
  let id = ""
  const following = (async () => {
    for await (const { data, errors } of owner.caller.follow("subscription { backupsChanged { id state } }")) {
      assert.equal(errors, undefined, JSON.stringify(errors))
      const [latest] = data.backupsChanged
      told.push(`${latest.id} ${latest.state}`)
      if (latest.id === id && latest.state === "DONE") return
    }
  })()
  // The first answer shows that somebody listens.
  while (told.length === 0) await sleep(20)
  const backup = (await owner.caller.act("createBackup", create)) as { id: string; downloadUrl: string }
  id = backup.id
  await (await owner.caller.fetch(backup.downloadUrl)).arrayBuffer()
  await following
  const own = told.filter((line) => line.startsWith(id)).map((line) => line.split(" ")[1])
  assert.deepEqual([own[0], own.at(-1)], ["WAITING", "DONE"])
  const viewer = await server.member(owner.teamId, "VIEWER")
  for await (const { errors } of viewer.caller.follow("subscription { backupsChanged { id } }"))
    assert.equal(errors?.[0]?.extensions?.code, "FORBIDDEN")
})

it("owners of a team that is not the first take no backup, nor does anybody without a cookie or a token", async () => {
  const backup = await owner.caller.act("createBackup", create)
  const other = await server.member(undefined, "OWNER")
  const answer = await other.caller.query("{ viewer { ownsStudio } }")
  assert.equal(answer.data.viewer.ownsStudio, false)
  assert.equal((await other.caller.fetch(backup.downloadUrl)).status, 403)
  assert.equal((await server.stranger.fetch(backup.downloadUrl)).status, 403)
  const program = await server.token(owner.teamId, owner.userId, ["ADMIN"])
  assert.equal((await program.fetch(backup.downloadUrl)).status, 200)
})
