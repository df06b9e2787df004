/** Two measures of a picture, by which data sets find pictures that are blurred or nearly alike. */

import { differenceHash, laplacianVariance } from "@fjord/contracts"
import sharp from "sharp"
import { decodeImage } from "./decodeImage.ts"

export type PictureMeasures = {
  readonly width: number
  readonly height: number
  readonly perceptualHash: string
  readonly sharpness: number
}

/** @throws ImageError where the file is no picture that can be trained on. */
export async function measurePicture(path: string): Promise<PictureMeasures> {
  const { rgb, width, height } = await decodeImage(path)
  const grey = () => sharp(rgb, { raw: { width, height, channels: 3 } }).greyscale()
  const small = await grey().resize(9, 8, { fit: "fill", kernel: "linear" }).raw().toBuffer()
  const { data, info } = await grey()
    .resize(512, 512, { fit: "inside", withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return {
    width,
    height,
    perceptualHash: differenceHash(small),
    sharpness: laplacianVariance(data, info.width, info.height),
  }
}
