import assert from "node:assert/strict"
import { it } from "node:test"
import { crc32 } from "node:zlib"
import sharp from "sharp"
import { decodeImage } from "./decodeImage.ts"
import { encodePng, readPngText } from "./encodePng.ts"
import { imageGrid } from "./imageGrid.ts"
import type { RgbImage } from "./rgbImage.ts"

function plain(width: number, height: number, value: number): RgbImage {
  return { width, height, rgb: new Uint8Array(width * height * 3).fill(value) }
}

const gradient: RgbImage = { width: 64, height: 64, rgb: Uint8Array.from({ length: 12288 }, (_, i) => (i * 7) % 251) }

it("keeps every pixel and every text, and gives the same bytes each time", async () => {
  const texts = { parameters: "a fjord, café\nSteps: 20", fjord: JSON.stringify({ prompt: "富士山 🐶" }), empty: "" }
  const png = await encodePng(gradient, texts)
  assert.deepEqual(Object.fromEntries(readPngText(png)), texts)
  assert.deepEqual((await decodeImage(png)).rgb, gradient.rgb)
  assert.deepEqual(await encodePng(gradient, texts), png)
  const { comments } = await sharp(png).metadata()
  assert.deepEqual(comments?.find(({ keyword }) => keyword === "fjord")?.text, texts.fjord)
})

it("reads compressed texts and refuses damaged files", async () => {
  const png = Buffer.from(await encodePng(gradient, { fjord: "{}" }))
  assert.throws(() => readPngText(png.subarray(0, 60)), /cut off/)
  assert.throws(() => readPngText(Buffer.from("GIF89a..")), /not a PNG/)
  const broken = Buffer.from(png)
  broken.writeUInt8(1, broken.indexOf("fjord") + 7)
  assert.throws(() => readPngText(broken), /checksum/)
  const { deflateSync } = await import("node:zlib")
  const body = Buffer.concat([Buffer.from("zTXtnote\0\0"), deflateSync(Buffer.from("packed"))])
  const chunk = Buffer.alloc(body.length + 8)
  chunk.writeUInt32BE(body.length - 4)
  body.copy(chunk, 4)
  chunk.writeUInt32BE(crc32(body), body.length + 4)
  assert.equal(readPngText(Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)])).get("note"), "packed")
})

it("refuses pixels that do not fit the size and keywords PNG does not allow", async () => {
  await assert.rejects(encodePng({ ...gradient, width: 65 }), /needs 12480 bytes/)
  await assert.rejects(encodePng(gradient, { "": "x" }), /keyword/)
  await assert.rejects(encodePng(gradient, { "a\0b": "x" }), /keyword/)
})

it("pastes pictures row by row and leaves the rest white", () => {
  const grid = imageGrid([plain(4, 4, 10), plain(4, 4, 20), plain(4, 4, 30)], 2, 2)
  assert.deepEqual([grid.width, grid.height], [8, 8])
  const at = (x: number, y: number): number | undefined => grid.rgb[(y * 8 + x) * 3]
  assert.deepEqual([at(0, 0), at(7, 0), at(3, 7), at(4, 4)], [10, 20, 30, 255])
})

it("fits pictures of another size into their cell", () => {
  const grid = imageGrid([plain(8, 8, 10), plain(2, 1, 20)], 1, 2)
  const at = (x: number, y: number): number | undefined => grid.rgb[(y * 16 + x) * 3]
  assert.deepEqual([at(8, 0), at(8, 2), at(15, 5), at(8, 6)], [255, 20, 20, 255])
  assert.throws(() => imageGrid([plain(1, 1, 0), plain(1, 1, 0)], 1, 1), /does not hold 2/)
  assert.throws(() => imageGrid([], 1, 1), /at least one/)
})
