import { crc32, inflateSync } from "node:zlib"
import sharp from "sharp"
import { ImageError, type RgbImage } from "./rgbImage.ts"

const signature = Buffer.from("89504e470d0a1a0a", "hex")
/** More than any prompt needs; stops a compressed text from unpacking to gigabytes. */
const maxTextBytes = 4_000_000

/**
 * RGB PNG with text chunks; the same picture and texts give the same bytes.
 *
 * @param texts keyword → text, for example `parameters` (as AUTOMATIC1111 writes it) and `fjord` (JSON). Latin-1 texts
 *   become tEXt chunks, others iTXt, as Pillow does.
 * @throws ImageError when the pixels do not fit the size or a keyword is not 1 to 79 printable Latin-1 characters.
 */
export async function encodePng(image: RgbImage, texts: Readonly<Record<string, string>> = {}): Promise<Uint8Array> {
  const { width, height, rgb } = image
  if (rgb.length !== width * height * 3) {
    throw new ImageError(
      `A ${width} x ${height} picture needs ${width * height * 3} bytes, but there are ${rgb.length}.`,
    )
  }
  const png = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 6, adaptiveFiltering: false, palette: false })
    .toBuffer()
  const afterHeader = signature.length + 25
  const chunks = Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text))
  return new Uint8Array(Buffer.concat([png.subarray(0, afterHeader), ...chunks, png.subarray(afterHeader)]))
}

/**
 * The tEXt, zTXt and iTXt chunks of a PNG, by keyword (the first of each).
 *
 * @throws ImageError when it is not a PNG, is cut off, or a chunk's checksum is wrong.
 */
export function readPngText(bytes: Uint8Array): Map<string, string> {
  const png = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (!png.subarray(0, 8).equals(signature)) throw new ImageError("This is not a PNG file.")
  const texts = new Map<string, string>()
  for (let at = 8; ; ) {
    const end = at + 12 + (at + 8 <= png.length ? png.readUInt32BE(at) : 0)
    if (at + 12 > png.length || end > png.length) throw new ImageError("This PNG file is cut off.")
    const type = png.toString("latin1", at + 4, at + 8)
    if (type === "IEND") return texts
    if (type === "tEXt" || type === "zTXt" || type === "iTXt") {
      if (crc32(png.subarray(at + 4, end - 4)) !== png.readUInt32BE(end - 4)) {
        throw new ImageError(`This PNG file is damaged: the checksum of its ${type} chunk is wrong.`)
      }
      const [keyword, text] = parseText(type, png.subarray(at + 8, end - 4))
      if (!texts.has(keyword)) texts.set(keyword, text)
    }
    at = end
  }
}

function textChunk(keyword: string, text: string): Buffer {
  if (!/^[\x20-\x7e\xa1-\xff]{1,79}$/.test(keyword)) {
    throw new ImageError(`${JSON.stringify(keyword)} cannot be a PNG keyword: 1 to 79 printable Latin-1 characters.`)
  }
  const name = Buffer.from(`${keyword}\0`, "latin1")
  const latin = Buffer.from(text, "latin1")
  // A NUL would end a tEXt chunk's text for some readers.
  if (latin.toString("latin1") === text && !text.includes("\0")) return chunk("tEXt", Buffer.concat([name, latin]))
  // Not compressed, no language, no translated keyword.
  return chunk("iTXt", Buffer.concat([name, Buffer.alloc(4), Buffer.from(text, "utf8")]))
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const result = Buffer.alloc(body.length + 8)
  result.writeUInt32BE(data.length, 0)
  body.copy(result, 4)
  result.writeUInt32BE(crc32(body), body.length + 4)
  return result
}

function parseText(type: string, data: Buffer): [string, string] {
  const nameEnd = data.indexOf(0)
  if (nameEnd < 1) throw new ImageError(`This PNG file is damaged: a ${type} chunk has no keyword.`)
  const keyword = data.toString("latin1", 0, nameEnd)
  if (type === "tEXt") return [keyword, data.toString("latin1", nameEnd + 1)]
  if (type === "zTXt") return [keyword, inflate(data.subarray(nameEnd + 2)).toString("latin1")]
  const languageEnd = data.indexOf(0, nameEnd + 3)
  const translatedEnd = languageEnd < 0 ? -1 : data.indexOf(0, languageEnd + 1)
  if (translatedEnd < 0) throw new ImageError("This PNG file is damaged: an iTXt chunk is cut off.")
  const rest = data.subarray(translatedEnd + 1)
  return [keyword, (data[nameEnd + 1] === 1 ? inflate(rest) : rest).toString("utf8")]
}

function inflate(data: Buffer): Buffer {
  try {
    return inflateSync(data, { maxOutputLength: maxTextBytes })
  } catch {
    throw new ImageError("This PNG file has a compressed text that is damaged or larger than 4 MB.")
  }
}
