import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { backupEntries, backupStudio } from "./backup.ts"
import { backupState, beginBackup } from "./backupLog.ts"
import { type FileStore, openFileStore } from "./fileStore.ts"
import { recordFile } from "./files.ts"
import { readManifest, restoreStudio } from "./restore.ts"
import { sweepFiles } from "./sweep.ts"
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
  await recordFile(database, files, { ...file, mediaType: "image/png" }, team.id)

  await backupStudio(source.url, files, join(folder, "backup"))
  assert.equal((await readManifest(join(folder, "backup"))).files, 1)
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

test("a backup of an older version is restored: columns that came since have their defaults", async (context) => {
  const backup = join(folder, "older")
  await backupStudio(source.url, files, backup)
  const text = await readFile(join(backup, "tables", "Run.jsonl"), "utf8")
  const older = text.replaceAll(/"favourite":(true|false),/g, "")
  assert.notEqual(older, text)
  await writeFile(join(backup, "tables", "Run.jsonl"), older)
  const manifest = await readManifest(backup)
  const sha256 = createHash("sha256").update(older).digest("hex")
  const tables = manifest.tables.map((table) => (table.name === "Run" ? { ...table, sha256 } : table))
  await writeFile(join(backup, "manifest.json"), JSON.stringify({ ...manifest, tables }))
  const empty = await startTestDatabase()
  context.after(() => empty.stop())
  await restoreStudio(empty.url, files, backup)
  const runs = await empty.database.run.findMany({ select: { favourite: true } })
  assert.deepEqual(runs, [{ favourite: false }, { favourite: false }])
})

test("a backup that breaks off leaves the earlier one in the folder whole", async () => {
  const backup = join(folder, "twice")
  await backupStudio(source.url, files, backup)
  const before = await readFile(join(backup, "tables", "Team.jsonl"), "utf8")
  await source.database.team.create({ data: { name: "later" } })
  const lost = { ...files, open: () => Promise.reject(new Error("the disk is gone")) }
  await rm(join(backup, "files"), { recursive: true })
  await assert.rejects(backupStudio(source.url, lost, backup), /the disk is gone/)
  assert.equal(await readFile(join(backup, "tables", "Team.jsonl"), "utf8"), before)
  assert.ok(await readManifest(backup))
})

test("a backup says how far it is, keeps files from the sweep, and has FAILED once its maker is silent", async () => {
  const { database } = source
  const { id } = await database.backup.create({ data: {} })
  const state = async () => backupState(await database.backup.findUniqueOrThrow({ where: { id } }))
  assert.equal(await state(), "WAITING")
  const log = await beginBackup(database, id)
  assert.equal(await state(), "RUNNING")
  const nobodys = await files.put(Buffer.from("nobody's"))
  await database.file.create({ data: { ...nobodys, byteSize: 8n, mediaType: "text/plain" } })
  for await (const { open } of backupEntries(source.url, files, log.onProgress)) {
    for await (const _ of await open());
    assert.deepEqual(await sweepFiles(database, files, -1), { rows: 0, files: 0 })
  }
  await database.backup.update({ where: { id }, data: { heartbeatAt: new Date(Date.now() - 60_000) } })
  assert.equal(await state(), "FAILED")
  await log.end()
  const { rows, files: count, bytes } = await database.backup.findUniqueOrThrow({ where: { id } })
  assert.equal(await state(), "DONE")
  assert.ok(rows > 5)
  assert.deepEqual([count, bytes], [2, 17n])
  assert.deepEqual(await sweepFiles(database, files, -1), { rows: 2, files: 2 })
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
