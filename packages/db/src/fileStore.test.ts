import assert from "node:assert/strict"
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { buffer } from "node:stream/consumers"
import { after, before, type TestContext, test } from "node:test"
import { FileMissing, type FileStore, openFileStore } from "./fileStore.ts"
import { recordFile } from "./files.ts"
import { sweepFiles } from "./sweep.ts"
import { startTestDatabase } from "./testing.ts"

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "fjord-files-"))
})
after(() => rm(folder, { recursive: true, force: true }))

/** A server that speaks S3, with one bucket. */
async function startS3(context: TestContext) {
  const S3rver = createRequire(import.meta.url)("s3rver")
  const directory = await mkdtemp(join(folder, "s3-"))
  const server = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory,
    configureBuckets: [{ name: "fjord" }],
  })
  const { port } = await server.run()
  context.after(() => server.close())
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: "fjord",
    accessKeyId: "S3RVER",
    secretAccessKey: "S3RVER",
    region: "us-east-1",
  }
}

async function keepsItsPromises(files: FileStore, scratch: string) {
  const first = await files.put(new TextEncoder().encode("fjord"))
  assert.equal(first.hash.length, 64)
  assert.deepEqual(await files.put(new TextEncoder().encode("fjord")), first)
  assert.equal((await buffer(await files.open(first.hash))).toString(), "fjord")
  assert.equal((await buffer(await files.open(first.hash, { start: 1, end: 2 }))).toString(), "jo")
  const big = Buffer.alloc(17 * 2 ** 20, "x")
  const path = join(scratch, "big")
  await writeFile(path, big)
  const second = await files.putFile(path)
  await files.copyTo(second.hash, join(scratch, "copy"))
  assert.ok((await readFile(join(scratch, "copy"))).equals(big))
  const listed = []
  for await (const { hash, byteSize } of files.list()) listed.push({ hash, byteSize })
  const byHash = (a: { hash: string }, b: { hash: string }) => (a.hash < b.hash ? -1 : 1)
  assert.deepEqual(listed.sort(byHash), [first, second].sort(byHash))
  async function* broken() {
    yield new Uint8Array(10)
    throw new Error("the sender went away")
  }
  await assert.rejects(files.put(broken()), /went away/)
  await files.delete(first.hash)
  await assert.rejects(files.open(first.hash), FileMissing)
  await assert.rejects(files.copyTo(first.hash, join(scratch, "none")), FileMissing)
}

test("a folder gives back what was put, once per content, and nothing of what was cut short", async () => {
  const root = await mkdtemp(join(folder, "local-"))
  await keepsItsPromises(await openFileStore({ folder: root }), await mkdtemp(join(folder, "scratch-")))
  assert.deepEqual(await readdir(join(root, "incoming")), [])
})

test("what a killed process was storing goes when nobody has written to it for hours", async () => {
  const root = await mkdtemp(join(folder, "local-"))
  const files = await openFileStore({ folder: root })
  for (const name of ["killed", "current"]) await writeFile(join(root, "incoming", name), "half a file")
  const long = new Date(Date.now() - 7 * 3600_000)
  await utimes(join(root, "incoming", "killed"), long, long)
  assert.equal(await files.removeLeftIncoming(new Date(Date.now() - 6 * 3600_000)), 1)
  assert.deepEqual(await readdir(join(root, "incoming")), ["current"])
})

test("an S3 bucket keeps the same promises", async (context) => {
  const root = await mkdtemp(join(folder, "spool-"))
  const files = await openFileStore({ folder: root, s3: await startS3(context) })
  await keepsItsPromises(files, await mkdtemp(join(folder, "scratch-")))
})

test("damaged bytes are refused when they are laid out", async () => {
  const root = await mkdtemp(join(folder, "local-"))
  const files = await openFileStore({ folder: root })
  const { hash } = await files.put(Buffer.from("whole"))
  await writeFile(join(root, hash.slice(0, 2), hash), "wrong")
  await assert.rejects(files.copyTo(hash, join(root, "out")), /damaged/)
})

test("the sweep removes bytes that no row needs and keeps the others", async (context) => {
  const server = await startTestDatabase()
  context.after(() => server.stop())
  const files = await openFileStore({ folder: await mkdtemp(join(folder, "local-")) })
  const team = await server.database.team.create({ data: { name: "a" } })
  const dataset = await server.database.dataset.create({ data: { teamId: team.id, name: "d" } })
  const kept = await files.put(Buffer.from("kept"))
  const unused = await files.put(Buffer.from("unused"))
  const stray = await files.put(Buffer.from("stray"))
  // More than are asked about at a time.
  const others = 120
  for (let i = 0; i < others; i++) await files.put(Buffer.from(`stray ${i}`))
  for (const file of [kept, unused])
    await recordFile(server.database, files, { ...file, mediaType: "image/png" }, team.id)
  const image = { name: "a.png", width: 1, height: 1, perceptualHash: "0", sharpness: 1 }
  await server.database.image.create({ data: { ...image, datasetId: dataset.id, hash: kept.hash } })
  assert.deepEqual(await sweepFiles(server.database, files), { rows: 0, files: 0 })
  assert.deepEqual(await sweepFiles(server.database, files, -1), { rows: 1, files: 2 + others })
  await files.open(kept.hash).then((stream) => stream.destroy())
  await assert.rejects(files.open(stray.hash), FileMissing)
})
