import { resize } from "./resize.ts"
import { ImageError, type RgbImage } from "./rgbImage.ts"

/**
 * A contact sheet: pictures row by row in equal cells, as the tutorial's image_grid. Cells are as large as the widest
 * and the highest picture; a picture of another size is scaled to fit and centred. Cells left over stay white.
 *
 * @throws ImageError when there are no pictures or more than rows * columns.
 */
export function imageGrid(images: readonly RgbImage[], rows: number, columns: number): RgbImage {
  if (![rows, columns].every((n) => Number.isInteger(n) && n > 0) || images.length > rows * columns) {
    throw new ImageError(`A grid of ${rows} rows and ${columns} columns does not hold ${images.length} pictures.`)
  }
  if (images.length === 0) throw new ImageError("A grid needs at least one picture.")
  const cellWidth = Math.max(...images.map(({ width }) => width))
  const cellHeight = Math.max(...images.map(({ height }) => height))
  const width = columns * cellWidth
  const rgb = new Uint8Array(width * rows * cellHeight * 3).fill(255)
  for (const [index, image] of images.entries()) {
    const fitted = fit(image, cellWidth, cellHeight)
    const left = (index % columns) * cellWidth + Math.floor((cellWidth - fitted.width) / 2)
    const top = Math.floor(index / columns) * cellHeight + Math.floor((cellHeight - fitted.height) / 2)
    for (let y = 0; y < fitted.height; y++) {
      const row = fitted.rgb.subarray(y * fitted.width * 3, (y + 1) * fitted.width * 3)
      rgb.set(row, ((top + y) * width + left) * 3)
    }
  }
  return { width, height: rows * cellHeight, rgb }
}

function fit(image: RgbImage, width: number, height: number): RgbImage {
  const scale = Math.min(width / image.width, height / image.height)
  if (scale === 1) return image
  const side = (length: number): number => Math.max(1, Math.round(length * scale))
  return resize(image, Math.min(width, side(image.width)), Math.min(height, side(image.height)))
}
