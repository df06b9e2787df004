import sharp from "sharp"
import type { RgbImage } from "./rgbImage.ts"

/** JPEG as Pillow saves it by default: quality 75, colours at half the resolution. For contact sheets, never for results. */
export async function encodeJpeg({ width, height, rgb }: RgbImage): Promise<Uint8Array> {
  const jpeg = sharp(rgb, { raw: { width, height, channels: 3 } }).jpeg({ quality: 75, chromaSubsampling: "4:2:0" })
  return new Uint8Array(await jpeg.toBuffer())
}
