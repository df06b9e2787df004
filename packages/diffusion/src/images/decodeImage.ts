import { readFile, stat } from "node:fs/promises"
import { basename } from "node:path"
import sharp, { type Metadata, type Sharp } from "sharp"
import { describeFormat } from "./describeFormat.ts"
import { ImageError, type RgbImage } from "./rgbImage.ts"

// libvips reads far more than pictures for training: SVG (fetches, rasterises), TIFF, its own format, files by path.
// This holds for the whole process: only these loaders, and only from memory, are left.
sharp.block({ operation: ["VipsForeignLoad"] })
sharp.unblock({
  operation: ["Jpeg", "Png", "Webp", "Heif", "Nsgif"].map((loader) => `VipsForeignLoad${loader}Buffer`),
})

const maxPixels = 50e6
const maxFileBytes = 100e6
/** Training pictures below this side are used, with a warning. */
const smallSide = 256

export interface DecodeOptions {
  /** What messages call the picture; by default its file name, or "The picture". */
  readonly name?: string
  /** Refuse a picture with a shorter side than this (64). */
  readonly minSide?: number
  /** Refuse a picture more elongated than this (4, that is 4:1). */
  readonly maxAspect?: number
  /**
   * true: pixels as PIL's convert("RGB") gives them (no EXIF rotation, alpha dropped, colour profile ignored), which
   * is what diffusers' training scripts see. Default false: upright, on white, converted to sRGB.
   */
  readonly likePil?: boolean
}

export interface DecodedImage extends RgbImage {
  /** Sentences about what may disappoint: a small picture, an animation of which only the first frame is used. */
  readonly warnings: readonly string[]
}

/**
 * Decodes a JPEG, PNG, WebP, GIF (first frame) or AVIF completely, from a file's path or its bytes.
 *
 * @throws ImageError when it is damaged, of another kind, above 50 megapixels, too small or too elongated.
 */
export async function decodeImage(source: Uint8Array | string, options: DecodeOptions = {}): Promise<DecodedImage> {
  const name = options.name ?? (typeof source === "string" ? basename(source) : "The picture")
  const bytes = typeof source === "string" ? await readPicture(source, name) : source
  if (bytes.length === 0) throw new ImageError(`${name} is empty (0 bytes).`)

  const open = (): Sharp =>
    sharp(bytes, {
      limitInputPixels: maxPixels,
      failOn: "warning",
      pages: 1,
      sequentialRead: true,
      ignoreIcc: options.likePil === true,
    })

  let metadata: Metadata
  try {
    metadata = await open().metadata()
  } catch (error) {
    throw new ImageError(`${name} ${whyNotOpened(error, bytes)}`)
  }
  const warnings = checkSize(name, metadata, options)

  try {
    const pipeline = options.likePil ? open().removeAlpha() : open().autoOrient().flatten({ background: "#ffffff" })
    const { data, info } = await pipeline
      .toColourspace("srgb")
      .removeAlpha()
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true })
    const rgb = new Uint8Array(data.buffer, data.byteOffset, data.length)
    return { width: info.width, height: info.height, rgb: toRgb(rgb, info.channels, name), warnings }
  } catch (error) {
    if (error instanceof ImageError) throw error
    throw new ImageError(`${name} is damaged and cannot be decoded completely (${firstLine(error)}); export it again.`)
  }
}

async function readPicture(path: string, name: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path).then((found) => {
      if (!found.isFile()) throw new ImageError(`${name} is not a file.`)
      return found
    })
    if (size > maxFileBytes) {
      throw new ImageError(`${name} has ${megabytes(size)} MB, more than the ${megabytes(maxFileBytes)} MB allowed.`)
    }
    return await readFile(path)
  } catch (error) {
    if (error instanceof ImageError) throw error
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new ImageError(`${name} does not exist (looked at ${path}).`)
    }
    throw new ImageError(`${name} cannot be read: ${firstLine(error)}.`)
  }
}

function checkSize(name: string, { width, height, pages }: Metadata, options: DecodeOptions): string[] {
  const minSide = options.minSide ?? 64
  const maxAspect = options.maxAspect ?? 4
  const short = Math.min(width, height)
  const size = `${width} x ${height} pixels`
  if (short < minSide) {
    throw new ImageError(`${name} is too small: ${size}, and the shorter side must be at least ${minSide}.`)
  }
  if (Math.max(width, height) / short > maxAspect) {
    throw new ImageError(
      `${name} is too elongated: ${size}, and the longer side may be at most ${maxAspect} times the shorter; crop it.`,
    )
  }
  const warnings: string[] = []
  if (short < smallSide) warnings.push(`${name} is small (${size}): training will look blurred below ${smallSide}.`)
  if (pages !== undefined && pages > 1) warnings.push(`${name} is an animation: only its first frame is used.`)
  return warnings
}

function whyNotOpened(error: unknown, bytes: Uint8Array): string {
  const message = firstLine(error)
  if (/pixel limit/i.test(message)) {
    return `has more than ${maxPixels / 1e6} million pixels; make it smaller.`
  }
  const format = describeFormat(bytes)
  if (format.supported) return `is a damaged ${format.name} (${message}); export it again.`
  return `is ${format.name}${format.known ? ", which is not supported" : ""}; save it as JPEG, PNG or WebP.`
}

function toRgb(pixels: Uint8Array, channels: number, name: string): Uint8Array {
  if (channels === 3) return pixels
  if (channels !== 1) throw new ImageError(`${name} has ${channels} colour channels after conversion; save it as JPEG.`)
  const rgb = new Uint8Array(pixels.length * 3)
  for (const [index, value] of pixels.entries()) rgb.fill(value, index * 3, index * 3 + 3)
  return rgb
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return (message.split("\n")[0] ?? "").replace(/\.$/, "")
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6)
}
