/** The child process in which strangers' pictures are decoded: it may be killed at any moment without harm. */

import { readFile } from "node:fs/promises"
import { differenceHash, laplacianVariance } from "@fjord/contracts"
import sharp, { type Sharp } from "sharp"
import { type DoorJob, type DoorResult, doorJob } from "./imageDoorJob.ts"

/** Thrown for what is wrong with the picture rather than with us. */
class Refusal extends Error {}

const leastSide = 64
const mostAspect = 4

// Everything is locked, then the formats of pictures are let in: no SVG, TIFF, PDF, video or anything with references.
sharp.block({ operation: ["VipsForeignLoad"] })
sharp.unblock({
  operation: [
    "VipsForeignLoadJpegBuffer",
    "VipsForeignLoadPngBuffer",
    "VipsForeignLoadWebpBuffer",
    "VipsForeignLoadHeifBuffer",
    "VipsForeignLoadNsgifBuffer",
  ],
})
sharp.cache(false)
sharp.concurrency(1)

async function readPicture(job: DoorJob): Promise<Buffer> {
  const bytes = await readFile(job.from)
  // `ftyp` brands of HEIC as phones write them; the codec is patented and not in sharp's binaries.
  if (/^ftyp(hei[cxms]|hev[cxms]|mif1|msf1)/.test(bytes.toString("latin1", 4, 12)))
    throw new Refusal(
      "HEIC pictures cannot be read; export it as JPEG, or set the phone's camera to the most compatible format.",
    )
  return bytes
}

async function admit(job: DoorJob): Promise<Exclude<DoorResult, { problem: string }>> {
  const bytes = await readPicture(job)
  const options = { limitInputPixels: job.maxPixels, failOn: "warning", pages: 1, sequentialRead: false } as const
  const meta = await sharp(bytes, options).metadata()
  if (meta.width * meta.height > job.maxPixels)
    throw new Refusal(`It is ${meta.width} × ${meta.height} pixels; at most ${job.maxPixels} are allowed.`)
  if ((meta.pages ?? 1) > 1) throw new Refusal("Animated pictures are not accepted; send one still picture.")
  let picture = sharp(bytes, options).autoOrient()
  if (job.rotate !== 0 || job.crop !== undefined) {
    // sharp applies one turn per pipeline: the orientation is made pixels before the turn that was asked for.
    picture = sharp(await picture.png({ compressionLevel: 1 }).toBuffer(), options).rotate(job.rotate)
    if (job.crop !== undefined) {
      const turned = await picture.toBuffer()
      const { x, y, width, height } = job.crop
      picture = sharp(turned, options).extract({ left: x, top: y, width, height })
    }
  }
  // Colours are brought to sRGB and what is transparent to white; nothing but pixels survives.
  const { data, info } = await picture
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  if (Math.min(width, height) < leastSide)
    throw new Refusal(`It is ${width} × ${height} pixels; each side needs at least ${leastSide}.`)
  if (Math.max(width, height) > mostAspect * Math.min(width, height))
    throw new Refusal(
      `It is ${width} × ${height} pixels; the longer side may be at most ${mostAspect} times the shorter.`,
    )
  const pixels = () => sharp(data, { raw: { width, height, channels }, limitInputPixels: job.maxPixels })
  const isJpeg = meta.format === "jpeg"
  const written = isJpeg
    ? pixels().jpeg({ quality: 95, chromaSubsampling: "4:4:4" })
    : pixels().png({ compressionLevel: 6 })
  await written.toFile(job.to)
  const [perceptualHash, sharpness] = await Promise.all([perceptualHashOf(pixels()), sharpnessOf(pixels())])
  return { id: job.id, width, height, mediaType: isJpeg ? "image/jpeg" : "image/png", perceptualHash, sharpness }
}

async function perceptualHashOf(picture: Sharp): Promise<string> {
  return differenceHash(await picture.greyscale().resize(9, 8, { fit: "fill", kernel: "linear" }).raw().toBuffer())
}

async function sharpnessOf(picture: Sharp): Promise<number> {
  const { data, info } = await picture
    .greyscale()
    .resize(512, 512, { fit: "inside", withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return laplacianVariance(data, info.width, info.height)
}

/** libvips' messages are for programmers; these are for people. */
function problemOf(error: unknown): string {
  if (error instanceof Refusal) return error.message
  const message = error instanceof Error ? error.message : String(error)
  if (/pixel limit/i.test(message)) return "It has more pixels than are allowed."
  if (/unsupported|unknown|missing|empty|corrupt header/i.test(message))
    return "It is no picture that Fjord reads; send JPEG, PNG, WebP, AVIF or GIF."
  if (/extract_area|bad extract/i.test(message)) return "The rectangle to crop lies outside the picture."
  return `It is damaged and could not be decoded to its end (${message.split("\n")[0]}).`
}

let limit = Number.POSITIVE_INFINITY
// Decoding runs on other threads, so that this one is free to look.
setInterval(() => {
  if (process.memoryUsage.rss() > limit) process.exit(137)
}, 20)
// The server has gone. To exit would be to wait for reads and decodings that may never end.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"))
process.on("message", async (message) => {
  const job = doorJob.parse(message)
  limit = job.maxBytes
  const result: DoorResult = await admit(job).catch((error) => ({ id: job.id, problem: problemOf(error) }))
  process.send?.(result)
})
