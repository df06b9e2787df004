/** What strangers send: each is refused with a sentence, stores nothing and leaves the server as it was. */

import assert from "node:assert/strict"
import { readdirSync } from "node:fs"
import { after, before, describe, it } from "node:test"
import { crc32, deflateRawSync, deflateSync } from "node:zlib"
import sharp from "sharp"
import { type Caller, startTestServer, type TestServer, testPicture } from "../testServer.fixture.ts"

let server: TestServer
let owner: Caller
let datasetId: string

before(async () => {
  server = await startTestServer({ FJORD_MAX_UPLOAD_BYTES: "3000000" })
  const { caller, teamId } = await server.member(undefined, "OWNER")
  owner = caller
  datasetId = (await server.database.dataset.create({ data: { teamId, name: "d" } })).id
})
after(() => server.stop())

async function address(name: string): Promise<string> {
  const request = `mutation ($datasetId: ID!, $name: String!) { requestUploads(datasetId: $datasetId, files: [{ name: $name }]) {
    ... on MutationRequestUploadsSuccess { data { url } } } }`
  const [upload] = await owner.act("requestUploads", request, { datasetId, name })
  return upload.url
}

async function send(name: string, bytes: Buffer) {
  const response = await server.stranger.fetch(await address(name), { method: "PUT", body: new Uint8Array(bytes) })
  const body = (await response.json()) as {
    problem: string
    images: { name: string }[]
    captions: number
    skipped: unknown[]
  }
  return { status: response.status, body }
}

const count = () => server.database.image.count({ where: { datasetId } })

function pngChunk(type: string, data: Buffer) {
  const body = Buffer.concat([Buffer.from(type), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** A PNG of black pixels in `bits` bits of grey, that is small however large it says it is. */
function blackPng(width: number, height: number, bits: 1 | 8, rows = height) {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = bits
  const pixels = deflateSync(Buffer.alloc((1 + Math.ceil((width * bits) / 8)) * rows))
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1")
  return Buffer.concat([
    signature,
    pngChunk("IHDR", header),
    pngChunk("IDAT", pixels),
    pngChunk("IEND", Buffer.alloc(0)),
  ])
}

type Entry = { name: string; data: Buffer; deflate?: boolean; mode?: number; flags?: number; size?: number }

/** A ZIP file, with whatever lies its entries are to tell. */
function zip(entries: readonly Entry[]): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, data, deflate = false, mode = 0o100644, flags = 0x800, size = data.length } of entries) {
    const stored = deflate ? deflateRawSync(data) : data
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(flags, 2)
    fields.writeUInt16LE(deflate ? 8 : 0, 4)
    fields.writeUInt32LE(crc32(data), 10)
    fields.writeUInt32LE(stored.length, 14)
    fields.writeUInt32LE(size, 18)
    fields.writeUInt16LE(Buffer.byteLength(name), 22)
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), fields, Buffer.from(name), stored])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE((mode * 0x10000) >>> 0, 6)
    tail.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), fields, tail, Buffer.from(name)]))
    parts.push(local)
    offset += local.length
  }
  const central = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write("PK\x05\x06", "latin1")
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, central, end])
}

describe("pictures", () => {
  const refused: Record<string, () => Promise<Buffer> | Buffer> = {
    "of 50000 × 50000 pixels in 300 kB": () => blackPng(50_000, 50_000, 1, 2000),
    "of 16000 × 16000 grey pixels": () => blackPng(16_000, 16_000, 8, 100),
    "of 2³¹−1 pixels a side": () => blackPng(2 ** 31 - 1, 2 ** 31 - 1, 1, 1).subarray(0, 500),
    "of one pixel": () => blackPng(1, 1, 8),
    "of 20000 × 64 pixels": () => blackPng(20_000, 64, 8),
    "cut off in the middle": async () => {
      const jpeg = await sharp(await testPicture(3, 300))
        .jpeg()
        .toBuffer()
      return jpeg.subarray(0, jpeg.length / 2)
    },
    "with flipped bits": async () => {
      const png = Buffer.from(await testPicture(4, 200))
      for (let i = 200; i < png.length - 20; i += 97) png[i] = ~(png[i] ?? 0) & 0xff
      return png
    },
    "that are SVG": () =>
      Buffer.from(
        `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"><image href="file:///etc/passwd"/></svg>`,
      ),
    "that are XML with a thousand laughs": () =>
      Buffer.from(
        `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>`,
      ),
    "that are HTML": () => Buffer.from("<!doctype html><script>alert(1)</script>"),
    "that are PDF": () => Buffer.from("%PDF-1.7\n1 0 obj<<>>endobj"),
    "that are TIFF": async () =>
      sharp(await testPicture(5))
        .tiff()
        .toBuffer(),
    "that are nothing but magic bytes": () => Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    "that move": async () => {
      const frame = await sharp(await testPicture(6, 100))
        .raw()
        .toBuffer()
      const other = Buffer.from(frame).reverse()
      const raw = { width: 100, height: 200, channels: 3, pageHeight: 100 } as const
      return sharp(Buffer.concat([frame, other]), { raw })
        .gif()
        .toBuffer()
    },
    "from an iPhone": () => Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1"),
  }
  for (const [what, make] of Object.entries(refused))
    it(`${what} are refused with a sentence`, async () => {
      const had = await count()
      const { status, body } = await send("picture.png", await make())
      assert.equal(status, 400, JSON.stringify(body))
      assert.match(body.problem, /^picture\.png: .{10,}\.$/s)
      assert.equal(await count(), had)
    })

  it("that are a web page or an archive behind their pixels lose what is behind", async () => {
    const jpeg = await sharp(await testPicture(7, 200))
      .withMetadata()
      .jpeg()
      .toBuffer()
    const evil = Buffer.concat([
      jpeg,
      Buffer.from("<script>alert(1)</script>"),
      zip([{ name: "x", data: Buffer.from("x") }]),
    ])
    const { status, body } = await send("polyglot.jpg", evil)
    assert.equal(status, 200, JSON.stringify(body))
    const { data } = await owner.query(
      `{ dataset(id: "${datasetId}") { images(search: "polyglot") { edges { node { url } } } } }`,
    )
    const response = await owner.fetch(data.dataset.images.edges[0].node.url)
    const bytes = Buffer.from(await response.arrayBuffer())
    assert.ok(!bytes.includes("<script>") && !bytes.includes("PK\x03\x04"))
    assert.equal(response.headers.get("x-content-type-options"), "nosniff")
    assert.match(response.headers.get("content-security-policy") ?? "", /sandbox/)
  })

  it("lose where they were taken, and stand upright", async () => {
    const upright = await sharp(await testPicture(8, 128))
      .resize(128, 256, { fit: "fill" })
      .toBuffer()
    const photo = await sharp(upright)
      .withExif({ IFD0: { Make: "Secret Camera" }, IFD3: { GPSLatitude: "59/1 0/1 0/1" } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    assert.equal((await send("photo.jpg", photo)).status, 200)
    const image = await server.database.image.findFirstOrThrow({ where: { datasetId, name: "photo.jpg" } })
    assert.deepEqual([image.width, image.height], [256, 128])
    const stored = sharp(
      Buffer.from(await new Response(ReadableStream.from(await server.files.open(image.hash))).arrayBuffer()),
    )
    const { exif, orientation } = await stored.metadata()
    assert.deepEqual([exif, orientation], [undefined, undefined])
  })

  it("are stored once, under a name that is no path", async () => {
    const picture = await testPicture(9)
    const { body } = await send("../../../../etc/passwd\u0000\u202e.png", picture)
    assert.equal(body.images[0]?.name, "passwd.png")
    const again = await send("other.png", picture)
    assert.equal(again.status, 400)
    assert.match(again.body.problem, /in the data set already/)
  })
})

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
      const had = await count()
      const { status, body } = await send("archive.zip", await make())
      assert.equal(status, 400, JSON.stringify(body))
      assert.match(body.problem, problem)
      assert.equal(await count(), had)
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
    const { status, body } = await send("set.zip", archive)
    assert.equal(status, 200, JSON.stringify(body))
    assert.deepEqual([body.images.length, body.captions, body.skipped.length], [3, 3, 1])
    const rows = await server.database.image.findMany({
      where: { datasetId, name: { in: ["one.png", "two.png", "three.png"] } },
    })
    assert.deepEqual(Object.fromEntries(rows.map(({ name, caption }) => [name, caption])), {
      "one.png": "one",
      "two.png": "two, quoted",
      "three.png": "three",
    })
  })

  it("come out as they went in: a downloaded data set is an archive that can be uploaded", async () => {
    const response = await owner.fetch(`/datasets/${datasetId}.zip`)
    const bytes = Buffer.from(await response.arrayBuffer())
    const other = await server.database.dataset.create({
      data: {
        name: "copy",
        teamId: (await server.database.dataset.findUniqueOrThrow({ where: { id: datasetId } })).teamId,
      },
    })
    const before = await count()
    datasetId = other.id
    const { status, body } = await send("copy.zip", bytes)
    assert.equal(status, 200, JSON.stringify(body))
    assert.equal(await count(), before)
  })
})

describe("addresses for uploads", () => {
  it("cannot be forged, used twice or stretched", async () => {
    const good = await address("a.png")
    const forged = good.replace(/\.(\d+)\./, (_, until) => `.${Number(until) + 1e9}.`)
    assert.equal((await server.stranger.fetch(forged, { method: "PUT", body: "x" })).status, 403)
    const body = new Uint8Array(await testPicture(40))
    assert.equal((await server.stranger.fetch(good, { method: "PUT", body })).status, 200)
    assert.equal((await server.stranger.fetch(good, { method: "PUT", body })).status, 403)
    const large = await server.stranger.fetch(await address("b.png"), {
      method: "PUT",
      body: new Uint8Array(3_000_001),
    })
    assert.equal(large.status, 400)
  })

  it("leave nothing behind in the folder for what is on its way", () => {
    const [incoming = ""] = readdirSync(server.folder).filter((name) => name.startsWith("incoming-"))
    assert.deepEqual(readdirSync(`${server.folder}/${incoming}`), [])
  })
})
