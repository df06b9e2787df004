/** Many pictures in one file. */

import { decodeImage } from "./decodeImage.ts"
import { encodeJpeg } from "./encodeJpeg.ts"
import { encodePng } from "./encodePng.ts"
import { imageGrid } from "./imageGrid.ts"
import { writeNewFile } from "./writeNewFile.ts"

/**
 * Writes the pictures side by side, in rows of `columns` or nearly square, as a JPEG where `output` says so, else as a PNG.
 * @throws where `output` exists, or a picture cannot be read.
 */
export async function contactSheet(
  files: readonly string[],
  output: string,
  columns = Math.ceil(Math.sqrt(files.length)),
): Promise<void> {
  const images = await Promise.all(
    files.map((file) => decodeImage(file, { minSide: 1, maxAspect: Number.POSITIVE_INFINITY })),
  )
  const sheet = imageGrid(images, Math.ceil(images.length / columns), columns)
  await writeNewFile(output, /\.jpe?g$/i.test(output) ? await encodeJpeg(sheet) : await encodePng(sheet))
}
