/** Two measures of a picture, by which data sets find pictures that are blurred or nearly alike. */

import sharp from "sharp"
import { decodeImage } from "./decodeImage.ts"

export type PictureMeasures = {
  readonly width: number
  readonly height: number
  /** dHash (Krawetz, 2013): of 9 x 8 grey pixels, whether each is brighter than its right neighbour; 16 hexadecimal digits. */
  readonly perceptualHash: string
  /** Variance of the Laplacian (Pech-Pacheco et al., 2000) of the luminance, at most 512 pixels wide and high. */
  readonly sharpness: number
}

/** @throws ImageError where the file is no picture that can be trained on. */
export async function measurePicture(path: string): Promise<PictureMeasures> {
  const { rgb, width, height } = await decodeImage(path)
  const grey = () => sharp(rgb, { raw: { width, height, channels: 3 } }).greyscale()
  const small = await grey().resize(9, 8, { fit: "fill", kernel: "linear" }).raw().toBuffer()
  let hash = 0n
  for (let y = 0; y < 8; y++)
    for (let x = 0; x < 8; x++) hash = (hash << 1n) | ((small[y * 9 + x] ?? 0) > (small[y * 9 + x + 1] ?? 0) ? 1n : 0n)
  const { data, info } = await grey()
    .resize(512, 512, { fit: "inside", withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const perceptualHash = hash.toString(16).padStart(16, "0")
  return { width, height, perceptualHash, sharpness: laplacianVariance(data, info.width, info.height) }
}

function laplacianVariance(grey: Uint8Array, width: number, height: number): number {
  const at = (x: number, y: number) => grey[y * width + x] ?? 0
  let sum = 0
  let squares = 0
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const value = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4 * at(x, y)
      sum += value
      squares += value * value
    }
  const count = Math.max(1, (width - 2) * (height - 2))
  return squares / count - (sum / count) ** 2
}
