import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { crc32, deflateSync } from "node:zlib"
import sharp, { type Sharp } from "sharp"
import { decodeImage } from "./decodeImage.ts"
import { ImageError, type RgbImage } from "./rgbImage.ts"

const width = 96
const height = 80

/** Left half red, right half blue. */
function halves(channels: 3 | 4 = 3, alpha = 255): Sharp {
  const pixels = Buffer.alloc(width * height * channels)
  for (let i = 0; i < width * height; i++) {
    pixels.set([...(i % width < width / 2 ? [255, 0, 0] : [0, 0, 255]), alpha].slice(0, channels), i * channels)
  }
  return sharp(pixels, { raw: { width, height, channels } })
}

function at({ width, rgb }: RgbImage, x: number, y: number): number[] {
  return [...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)]
}

function near(actual: number[], expected: number[], tolerance: number): void {
  assert.ok(
    actual.every((v, i) => Math.abs(v - (expected[i] ?? -999)) <= tolerance),
    `${actual} is not ${expected}`,
  )
}

function refuses(bytes: Uint8Array, pattern: RegExp): Promise<void> {
  return assert.rejects(decodeImage(bytes, { name: "photo.png" }), (error) => {
    assert.ok(error instanceof ImageError, String(error))
    assert.match(error.message, /^photo\.png .*\.$/)
    assert.match(error.message, pattern)
    assert.doesNotMatch(error.message, /\n/)
    return true
  })
}

describe("decodeImage", () => {
  it("turns a picture upright as its EXIF orientation says, unless PIL's view is asked for", async () => {
    const jpeg = await halves().withMetadata({ orientation: 6 }).jpeg({ chromaSubsampling: "4:4:4" }).toBuffer()
    const upright = await decodeImage(jpeg)
    assert.deepEqual([upright.width, upright.height], [height, width])
    near(at(upright, 10, 5), [254, 0, 0], 3)
    near(at(upright, 10, 90), [0, 0, 254], 3)
    const raw = await decodeImage(jpeg, { likePil: true })
    assert.deepEqual([raw.width, raw.height], [width, height])
  })

  it("puts what is transparent on white", async () => {
    const png = await halves(4, 0).png().toBuffer()
    assert.deepEqual(at(await decodeImage(png), 0, 0), [255, 255, 255])
    assert.deepEqual(at(await decodeImage(png, { likePil: true }), 0, 0), [255, 0, 0])
    near(at(await decodeImage(await halves(4, 128).png().toBuffer()), 0, 0), [255, 127, 127], 1)
  })

  it("reads grey, palette, 16-bit, CMYK, WebP and AVIF pictures as 8-bit RGB", async () => {
    const grey = await halves().greyscale().png().toBuffer()
    const [first, second, third] = at(await decodeImage(grey), 0, 0)
    assert.ok(first === second && second === third)
    assert.deepEqual(at(await decodeImage(await halves().png({ palette: true }).toBuffer()), 95, 0), [0, 0, 255])
    const deep = sharp(new Uint16Array(64 * 64 * 3).fill(32896), { raw: { width: 64, height: 64, channels: 3 } })
    const deepPng = await deep.toColourspace("rgb16").png().toBuffer()
    assert.equal((await sharp(deepPng).metadata()).depth, "ushort")
    near(at(await decodeImage(deepPng), 5, 5), [128, 128, 128], 0)
    const cmyk = await halves().toColourspace("cmyk").jpeg().toBuffer()
    assert.equal((await sharp(cmyk).metadata()).channels, 4)
    near(at(await decodeImage(cmyk), 5, 5), [235, 30, 35], 40)
    assert.deepEqual(at(await decodeImage(await halves().webp({ lossless: true }).toBuffer()), 0, 0), [255, 0, 0])
    near(at(await decodeImage(await halves().avif().toBuffer()), 2, 2), [254, 0, 0], 8)
  })

  it("takes the first frame of animations and says so", async () => {
    const frames = Buffer.concat([0, 200].map((grey) => Buffer.alloc(64 * 64 * 3, grey)))
    const animation = sharp(frames, { raw: { width: 64, height: 128, channels: 3, pageHeight: 64 } })
    for (const bytes of [
      await animation.clone().gif().toBuffer(),
      await animation.clone().webp({ lossless: true }).toBuffer(),
    ]) {
      const image = await decodeImage(bytes)
      assert.deepEqual([image.height, ...at(image, 3, 3)], [64, 0, 0, 0])
      assert.ok(image.warnings.some((warning) => /animation/.test(warning)))
    }
  })

  it("refuses damaged JPEGs: cut off, and with flipped bits", async () => {
    const noise = Buffer.from(Uint8Array.from({ length: 128 * 128 * 3 }, (_, i) => (i * 7919) % 256))
    const jpeg = await sharp(noise, { raw: { width: 128, height: 128, channels: 3 } })
      .jpeg()
      .toBuffer()
    await refuses(jpeg.subarray(0, jpeg.length / 2), /damaged/)
    await refuses(jpeg.subarray(0, 40), /damaged/)
    const flipped = Buffer.from(jpeg)
    const scan = flipped.indexOf(Buffer.from([0xff, 0xda])) + 14
    for (let i = scan + 100; i < flipped.length - 100; i += 97) flipped[i] = 0xff
    await refuses(flipped, /damaged/)
  })

  it("refuses pictures that unpack to too many pixels before decoding them", async () => {
    await refuses(pngHeader(50_000, 50_000), /more than 50 million pixels/)
    await refuses(pngHeader(2 ** 31 - 1, 2 ** 31 - 1), /./)
  })

  it("refuses other files under any name and says what they are", async () => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><rect width="9" height="9"/></svg>`
    await refuses(Buffer.from(svg), /an SVG drawing.*save it as JPEG/)
    await refuses(Buffer.from(`<?xml version="1.0"?>\n${svg}`), /an SVG drawing/)
    await refuses(Buffer.from("<!DOCTYPE html><body>hello</body>"), /a web page/)
    await refuses(Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1"), /HEIC/)
    await refuses(Buffer.from(`BM${"\0".repeat(60)}`), /BMP/)
    await refuses(await halves().tiff().toBuffer(), /TIFF/)
    await refuses(Buffer.from("%PDF-1.7"), /PDF/)
    await refuses(Buffer.from("hello there"), /not a picture/)
    await refuses(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), /damaged PNG/)
    await refuses(new Uint8Array(), /empty/)
  })

  it("reads only the pixels of a JPEG with a web page behind it", async () => {
    const jpeg = await halves().jpeg().toBuffer()
    const polyglot = await decodeImage(Buffer.concat([jpeg, Buffer.from("<html><script>alert(1)</script></html>")]))
    assert.deepEqual(polyglot.rgb, (await decodeImage(jpeg)).rgb)
  })

  it("refuses pictures that are too small or too elongated and warns of small ones", async () => {
    const sized = (w: number, h: number) => halves().resize(w, h, { fit: "fill" }).png().toBuffer()
    await refuses(await sized(63, 100), /too small: 63 x 100/)
    await refuses(await sized(70, 300), /too elongated: 70 x 300/)
    assert.match((await decodeImage(await sized(64, 256))).warnings.join(), /small \(64 x 256/)
    assert.deepEqual((await decodeImage(await sized(256, 300))).warnings, [])
    assert.equal((await decodeImage(await sized(8, 8), { minSide: 1 })).width, 8)
  })

  it("says which file does not exist", async () => {
    await assert.rejects(decodeImage("/no/such/dog.jpg"), /^ImageError: dog\.jpg does not exist/)
  })
})

/** A small file that promises a picture of any size. */
function pngHeader(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data])
    const ends = Buffer.alloc(8)
    ends.writeUInt32BE(data.length, 0)
    ends.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
  }
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0])
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  const signature = Buffer.from("89504e470d0a1a0a", "hex")
  const data = deflateSync(Buffer.alloc(100_000))
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))])
}
