/** Archives that strangers send: each is refused with a sentence, stores nothing and leaves the server as it was. */

import assert from "node:assert/strict"
import { readdirSync } from "node:fs"
import { after, before, describe, it } from "node:test"
import { testPicture } from "../testServer.fixture.ts"
import { zip } from "./hostileFiles.fixture.ts"
import { startUploads, type Uploads } from "./uploads.fixture.ts"

let door: Uploads
before(async () => {
  door = await startUploads()
})
after(() => door.server.stop())

describe("archives", () => {
  const picture = (seed: number) => testPicture(seed)
  const refused: Record<string, [() => Promise<Buffer> | Buffer, RegExp]> = {
    "whose names lead out of the folder": [
      async () => zip([{ name: "../../evil.png", data: await picture(20) }]),
      /relative path/,
    ],
    "whose names are absolute": [
      async () => zip([{ name: "/etc/evil.png", data: await picture(20) }]),
      /absolute path/,
    ],
    "whose names have backslashes": [
      async () => zip([{ name: "..\\evil.png", data: await picture(20) }]),
      /invalid characters/,
    ],
    "with links": [
      () => zip([{ name: "a.png", data: Buffer.from("/etc/passwd"), mode: 0o120777 }]),
      /link or a device/,
    ],
    "with a password": [
      async () => zip([{ name: "a.png", data: await picture(20), flags: 0x801, deflate: true }]),
      /encrypted/,
    ],
    "in archives": [() => zip([{ name: "inner.zip", data: zip([]) }]), /archive within the archive/],
    "with the same name in two spellings": [
      async () =>
        zip([
          { name: "A.png", data: await picture(20) },
          { name: "a.PNG", data: await picture(21) },
        ]),
      /occurs twice/,
    ],
    "that unpack to a hundred megabytes": [
      () => zip([{ name: "bomb.png", data: Buffer.alloc(100_000_000), deflate: true }]),
      /unpacks to more/,
    ],
    "that lie about their sizes": [
      () => zip([{ name: "bomb.png", data: Buffer.alloc(50_000_000), deflate: true, size: 1000 }]),
      /too many bytes|unpacks to more/,
    ],
    "with too many entries": [
      () => zip(Array.from({ length: 2001 }, (_, i) => ({ name: `${i}.png`, data: Buffer.from("x") }))),
      /at most 2000/,
    ],
    "cut off in the middle": [
      async () => zip([{ name: "a.png", data: await picture(20) }]).subarray(0, 600),
      /no ZIP file/,
    ],
    "without pictures": [() => zip([{ name: "read.me", data: Buffer.from("x") }]), /no pictures/],
  }
  for (const [what, [make, problem]] of Object.entries(refused))
    it(`${what} are refused with a sentence`, async () => {
      const had = await door.count()
      const { status, body } = await door.send("archive.zip", await make())
      assert.equal(status, 400, JSON.stringify(body))
      assert.match(body.problem, problem)
      assert.equal(await door.count(), had)
    })

  it("give their pictures with the captions of .txt, metadata.csv and metadata.jsonl", async () => {
    const csv = 'file_name,text\na/two.png,"two, quoted"\n'
    const jsonl = `${JSON.stringify({ file_name: "three.png", caption: "three" })}\n`
    const archive = zip([
      { name: "one.txt", data: Buffer.from("one\n") },
      { name: "one.png", data: await picture(31) },
      { name: "metadata.csv", data: Buffer.from(csv), deflate: true },
      { name: "a/two.png", data: await picture(32), deflate: true },
      { name: "b/metadata.jsonl", data: Buffer.from(jsonl) },
      { name: "b/three.png", data: await picture(33) },
      { name: "b/broken.png", data: Buffer.from("no picture at all") },
      { name: "__MACOSX/._one.png", data: Buffer.from("x") },
    ])
    const { status, body } = await door.send("set.zip", archive)
    assert.equal(status, 200, JSON.stringify(body))
    assert.deepEqual([body.images.length, body.captions, body.skipped.length], [3, 3, 1])
    const rows = await door.server.database.image.findMany({
      where: { datasetId: door.datasetId, name: { in: ["one.png", "two.png", "three.png"] } },
    })
    assert.deepEqual(Object.fromEntries(rows.map(({ name, caption }) => [name, caption])), {
      "one.png": "one",
      "two.png": "two, quoted",
      "three.png": "three",
    })
  })

  it("come out as they went in: a downloaded data set is an archive that can be uploaded", async () => {
    const { server, owner, datasetId } = door
    const response = await owner.fetch(`/datasets/${datasetId}.zip`)
    const bytes = Buffer.from(await response.arrayBuffer())
    const { teamId } = await server.database.dataset.findUniqueOrThrow({ where: { id: datasetId } })
    const copy = door.into((await server.database.dataset.create({ data: { name: "copy", teamId } })).id)
    const { status, body } = await copy.send("copy.zip", bytes)
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal(await copy.count(), await door.count())
  })
})

describe("addresses for uploads", () => {
  it("cannot be forged, used twice or stretched", async () => {
    const good = await door.address("a.png")
    const forged = good.replace(/\.(\d+)\./, (_, until) => `.${Number(until) + 1e9}.`)
    assert.equal((await door.server.stranger.fetch(forged, { method: "PUT", body: "x" })).status, 403)
    const body = new Uint8Array(await testPicture(40))
    assert.equal((await door.server.stranger.fetch(good, { method: "PUT", body })).status, 200)
    assert.equal((await door.server.stranger.fetch(good, { method: "PUT", body })).status, 403)
    const large = await door.server.stranger.fetch(await door.address("b.png"), {
      method: "PUT",
      body: new Uint8Array(3_000_001),
    })
    assert.equal(large.status, 400)
  })

  it("leave nothing behind in the folder for what is on its way", () => {
    const [incoming = ""] = readdirSync(door.server.folder).filter((name) => name.startsWith("incoming-"))
    assert.deepEqual(readdirSync(`${door.server.folder}/${incoming}`), [])
  })
})
