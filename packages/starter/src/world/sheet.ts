/** Many pictures on one: rows of squares with a white gap. */

import sharp from "sharp"

/** @param pictures RGB, size × size × 3 each, row by row */
export async function contactSheet(
  pictures: readonly Uint8Array[],
  size: number,
  columns: number,
  file: string,
): Promise<void> {
  const gap = 4
  const side = size + gap
  const rows = Math.ceil(pictures.length / columns)
  const canvas = { width: columns * side - gap, height: rows * side - gap, channels: 3 as const, background: "#ffffff" }
  const placed = pictures.map((input, i) => ({
    input: Buffer.from(input),
    raw: { width: size, height: size, channels: 3 as const },
    left: (i % columns) * side,
    top: Math.floor(i / columns) * side,
  }))
  await sharp({ create: canvas }).composite(placed).png().toFile(file)
}
