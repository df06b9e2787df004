/** Pictures that strangers send: each is refused with a sentence, stores nothing and leaves the server as it was. */

import assert from "node:assert/strict"
import { after, before, describe, it } from "node:test"
import sharp from "sharp"
import { testPicture } from "../testServer.fixture.ts"
import { blackPng, zip } from "./hostileFiles.fixture.ts"
import { startUploads, type Uploads } from "./uploads.fixture.ts"

let door: Uploads
before(async () => {
  door = await startUploads()
})
after(() => door.server.stop())

describe("pictures", () => {
  const refused: Record<string, () => Promise<Buffer> | Buffer> = {
    "of 50000 × 50000 pixels in 300 kB": () => blackPng(50_000, 50_000, 1, 2000),
    "of 16000 × 16000 grey pixels": () => blackPng(16_000, 16_000, 8, 100),
    "of 2³¹−1 pixels a side": () => blackPng(2 ** 31 - 1, 2 ** 31 - 1, 1, 0),
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
      const had = await door.count()
      const { status, body } = await door.send("picture.png", await make())
      assert.equal(status, 400, JSON.stringify(body))
      assert.match(body.problem, /^[A-Z].{10,}\.$/s)
      assert.equal(await door.count(), had)
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
    const { status, body } = await door.send("polyglot.jpg", evil)
    assert.equal(status, 200, JSON.stringify(body))
    const { data } = await door.owner.query(
      `{ dataset(id: "${door.datasetId}") { images(search: "polyglot") { edges { node { url } } } } }`,
    )
    const response = await door.owner.fetch(data.dataset.images.edges[0].node.url)
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
    assert.equal((await door.send("photo.jpg", photo)).status, 200)
    const image = await door.server.database.image.findFirstOrThrow({
      where: { datasetId: door.datasetId, name: "photo.jpg" },
    })
    assert.deepEqual([image.width, image.height], [256, 128])
    const stored = sharp(
      Buffer.from(await new Response(ReadableStream.from(await door.server.files.open(image.hash))).arrayBuffer()),
    )
    const { exif, orientation } = await stored.metadata()
    assert.deepEqual([exif, orientation], [undefined, undefined])
  })

  it("are stored once, under a name that is no path", async () => {
    const picture = await testPicture(9)
    const { body } = await door.send("../../../../etc/passwd\u0000\u202e.png", picture)
    assert.equal(body.images[0]?.name, "passwd.png")
    const again = await door.send("other.png", picture)
    assert.equal(again.status, 400)
    assert.match(again.body.problem, /in the data set already/)
  })
})
