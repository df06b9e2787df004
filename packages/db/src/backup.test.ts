import assert from "node:assert/strict"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { backupStudio, restoreStudio } from "./backup.ts"
import { type FileStore, openFileStore } from "./fileStore.ts"
import { recordFile } from "./files.ts"
import { startTestDatabase, type TestDatabase } from "./testing.ts"

let folder: string
let source: TestDatabase
let target: TestDatabase
let files: FileStore
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "fjord-backup-"))
  source = await startTestDatabase()
  target = await startTestDatabase()
  files = await openFileStore({ folder: join(folder, "files") })
})
after(async () => {
  await Promise.all([source.stop(), target.stop()])
  await rm(folder, { recursive: true, force: true })
})

test("a backup restored into an empty studio has the same rows to the last digit, and the same files", async () => {
  const { database } = source
  const user = await database.user.create({ data: { email: "a@example.org", name: 'Zoë "ø" \\ \n' } })
  const sealedToken = Uint8Array.from([0, 255, 92, 10])
  await database.hubAccount.create({ data: { userId: user.id, hubUser: "a", sealedToken } })
  const team = await database.team.create({ data: { name: "a" } })
  const config = { options: { prompt: "ü", list: [1.5, null, { a: "\u0001" }] } }
  const first = await database.run.create({
    data: { teamId: team.id, kind: "TRAINING", name: "1", config, loss: 0.1 + 0.2, estimateBytes: 2n ** 60n + 1n },
  })
  await database.run.create({ data: { teamId: team.id, kind: "TRAINING", name: "2", config, parentId: first.id } })
  const token = { teamId: team.id, userId: user.id, name: "t", hash: "h", prefix: "p" }
  await database.apiToken.create({ data: { ...token, scopes: ["READ", "WRITE"] } })
  const file = await files.put(Buffer.from("a picture"))
  await recordFile(database, { ...file, mediaType: "image/png" }, team.id)

  const manifest = await backupStudio(source.url, files, join(folder, "backup"))
  assert.equal(manifest.files, 1)
  const restored = await openFileStore({ folder: join(folder, "restored") })
  await restoreStudio(target.url, restored, join(folder, "backup"))
  const all = async ({ database: of }: TestDatabase) => ({
    users: await of.user.findMany({ include: { hubAccount: true, apiTokens: true } }),
    runs: await of.run.findMany({ orderBy: { name: "asc" } }),
    files: await of.teamFile.findMany({ include: { file: true } }),
  })
  assert.deepEqual(await all(target), await all(source))
  await restored.copyTo(file.hash, join(folder, "picture"))
  await assert.rejects(restoreStudio(target.url, restored, join(folder, "backup")), /accounts already/)
})

test("a damaged backup restores nothing", async (context) => {
  const backup = join(folder, "damaged")
  await backupStudio(source.url, files, backup)
  await writeFile(join(backup, "tables", "RunMetric.jsonl"), "")
  await writeFile(join(backup, "tables", "ApiToken.jsonl"), "")
  const empty = await startTestDatabase()
  context.after(() => empty.stop())
  await assert.rejects(restoreStudio(empty.url, files, backup), /ApiToken of the backup is damaged/)
  assert.equal(await empty.database.team.count(), 0)
})
