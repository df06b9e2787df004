import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, beforeEach, test } from "node:test"
import { backupEntries } from "./backup.ts"
import { beginBackup } from "./backupLog.ts"
import { type FileStore, openFileStore } from "./fileStore.ts"
import { FileSwept, recordFile, storingAgain } from "./files.ts"
import { sweepFiles, sweepFreedFiles } from "./sweep.ts"
import { startTestDatabase, type TestDatabase } from "./testing.ts"

let folder: string
let server: TestDatabase
let files: FileStore
let teamId: string
let datasetId: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "fjord-sweep-"))
  server = await startTestDatabase()
  files = await openFileStore({ folder })
  teamId = (await server.database.team.create({ data: { name: "a" } })).id
})
after(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  const { id } = await server.database.dataset.create({ data: { teamId, name: `d${Math.random()}` } })
  datasetId = id
})

async function stored(text: string, ofTeam = teamId): Promise<string> {
  const file = await files.put(Buffer.from(text))
  await recordFile(server.database, files, { ...file, mediaType: "image/png" }, ofTeam)
  return file.hash
}

const pixels = { name: "a.png", width: 1, height: 1, perceptualHash: "0", sharpness: 1 }
const imageOf = (hash: string, dataset = datasetId) =>
  server.database.image.create({ data: { ...pixels, datasetId: dataset, hash } })
const sweep = () => sweepFreedFiles(server.database, files, -1)

async function left(hashes: readonly string[]): Promise<string[]> {
  const there = await Promise.all(hashes.map((hash) => files.has(hash)))
  const rows = await server.database.file.findMany({ where: { hash: { in: [...hashes] } }, select: { hash: true } })
  const known = rows.map(({ hash }) => hash)
  assert.deepEqual(hashes.filter((_, i) => there[i]).sort(), known.sort(), "bytes and rows go together")
  return known
}

test("whatever deletion takes a file's last row frees it: of pictures, runs, models, versions, uploads, and edits", async () => {
  const { database } = server
  const names = ["image", "edited", "version", "sample", "checkpoint", "download", "model", "generated", "upload"]
  const hashes: string[] = []
  for (const name of names) hashes.push(await stored(name))
  const [image = "", edited = "", version = "", sample = "", checkpoint = "", download = ""] = hashes
  const [model = "", generated = "", upload = ""] = hashes.slice(6)
  await imageOf(image)
  const turned = await imageOf(edited)
  const manifest = [{ hash: version, name: "a.png", caption: "" }]
  await database.datasetVersion.create({ data: { datasetId, number: 1, hash: "v", manifest } })
  const run = await database.run.create({
    data: {
      teamId,
      kind: "TRAINING",
      name: "r",
      config: {},
      status: "SUCCEEDED",
      samples: { create: { step: 1, promptIndex: 0, prompt: "", seed: 1n, hash: sample } },
      checkpoints: { create: { step: 1, files: { create: { path: "a", hash: checkpoint } } } },
      files: { create: { path: "a", hash: download } },
    },
  })
  await database.generatedImage.create({
    data: { teamId, runId: run.id, index: 0, seed: 1n, prompt: "", width: 1, height: 1, hash: generated },
  })
  const made = await database.model.create({
    data: { teamId, name: "m", kind: "LORA", files: { create: { path: "a", hash: model } } },
  })
  const { id: uploadId } = await database.upload.create({
    data: { teamId, fileName: "a", hash: upload, expiresAt: new Date() },
  })
  await database.image.update({ where: { id: turned.id }, data: { caption: "not freed" } })
  await sweep()
  assert.equal((await left(hashes)).length, names.length)

  await database.image.update({ where: { id: turned.id }, data: { hash: image, datasetId: (await otherDataset()).id } })
  await database.run.delete({ where: { id: run.id } })
  await database.model.delete({ where: { id: made.id } })
  await database.upload.delete({ where: { id: uploadId } })
  assert.equal((await sweepFreedFiles(database, files)).rows, 0, "who takes a deletion back has minutes")
  assert.deepEqual(await sweep(), { rows: 7, files: 7 })
  assert.deepEqual(await left(hashes), [image, version].sort())
  await database.dataset.delete({ where: { id: datasetId } })
  await sweep()
  assert.deepEqual(await left(hashes), [image])
  await database.image.delete({ where: { id: turned.id } })
  await sweep()
  assert.deepEqual(await left(hashes), [])
})

const otherDataset = () => server.database.dataset.create({ data: { teamId, name: `o${Math.random()}` } })

test("a file that another team, or a run that waits, still needs stays; the team that deleted it has it no more", async () => {
  const { database } = server
  const other = await database.team.create({ data: { name: "b" } })
  const theirs = await database.dataset.create({ data: { teamId: other.id, name: "d" } })
  const shared = await stored("shared")
  await stored("shared", other.id)
  const mine = await imageOf(shared)
  await imageOf(shared, theirs.id)
  const start = await stored("start picture")
  const startImage = await imageOf(start)
  const run = await database.run.create({
    data: { teamId, kind: "GENERATION", name: "r", config: { imageToImage: { hash: start, strength: 0.5 } } },
  })
  await database.image.deleteMany({ where: { id: { in: [mine.id, startImage.id] } } })
  await sweep()
  assert.deepEqual(await left([shared, start]), [shared, start].sort())
  const teams = await database.teamFile.findMany({ where: { hash: shared }, select: { teamId: true } })
  assert.deepEqual(teams, [{ teamId: other.id }])
  await database.run.delete({ where: { id: run.id } })
  // No deletion of a row freed it: the long sweep finds it.
  await sweepFiles(database, files, -1)
  assert.deepEqual(await left([shared, start]), [shared])
})

test("bytes that are stored a second time while they are swept are there when their row stands", async () => {
  const image = await imageOf(await stored("twice"))
  await server.database.image.delete({ where: { id: image.id } })
  const second = { ...(await files.put(Buffer.from("twice"))), mediaType: "image/png" }
  await sweep()
  await assert.rejects(
    server.database.$transaction((transaction) => recordFile(transaction, files, second, teamId)),
    FileSwept,
  )
  await storingAgain(async () => {
    const file = { ...(await files.put(Buffer.from("twice"))), mediaType: "image/png" }
    await server.database.$transaction((transaction) => recordFile(transaction, files, file, teamId))
  })
  await sweep()
  assert.deepEqual(await left([second.hash]), [second.hash])
})

test("bytes whose rows went just before a backup began stay until it has ended", async () => {
  const { database } = server
  const hash = await stored("wanted by nobody")
  const image = await imageOf(hash)
  await database.image.delete({ where: { id: image.id } })
  const silent = { ...files, delete: () => Promise.reject(new Error("the bucket does not answer")) }
  await assert.rejects(sweepFreedFiles(database, silent, -1), /does not answer/)
  const { id } = await database.backup.create({ data: {} })
  const log = await beginBackup(database, id)
  for await (const { path, open } of backupEntries(server.url, files, log.onProgress)) {
    for await (const _ of await open());
    assert.ok(!path.endsWith(hash))
    await sweep()
    assert.ok(await files.has(hash))
  }
  await log.end()
  await sweep()
  assert.equal(await files.has(hash), false)
})

test("five who sweep beside four who store and delete the same few files lose none that a row refers to", async () => {
  const { database } = server
  const rounds = 25
  const texts = ["one", "two", "three"]
  let writing = true
  const sweepers = Array.from({ length: 5 }, async () => {
    while (writing) await sweep()
  })
  const writers = Array.from({ length: 4 }, async () => {
    const { id: dataset } = await otherDataset()
    for (let i = 0; i < rounds; i++) {
      const text = texts[Math.floor(Math.random() * texts.length)] ?? ""
      await storingAgain(async () => {
        const file = { ...(await files.put(Buffer.from(text))), mediaType: "image/png" }
        await database.$transaction(async (transaction) => {
          await recordFile(transaction, files, file, teamId)
          await transaction.image.create({ data: { ...pixels, datasetId: dataset, hash: file.hash } })
        })
      })
      const image = await database.image.findFirstOrThrow({ where: { datasetId: dataset } })
      assert.ok(await files.has(image.hash), `round ${i}: the bytes of ${text} are there`)
      const team = await database.teamFile.count({ where: { teamId, hash: image.hash } })
      assert.equal(team, 1, `round ${i}: the team may read ${text}`)
      await database.image.deleteMany({ where: { datasetId: dataset } })
    }
  })
  await Promise.all(writers).finally(() => {
    writing = false
  })
  await Promise.all(sweepers)
  await sweep()
  assert.equal(await database.file.count({ where: { hash: { in: await Promise.all(texts.map(hashOf)) } } }), 0)
})

async function hashOf(text: string): Promise<string> {
  const { hash } = await files.put(Buffer.from(text))
  return hash
}
