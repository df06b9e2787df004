/** Contact sheets to look at while a training goes on. */

import { mkdir, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { encodePng, imageGrid } from "@fjord/diffusion"

export interface Picture {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/** Values [3, side, side] in [-1, 1] as pixels. */
export function toPicture(values: Float32Array, side: number): Picture {
  const plane = side * side
  const rgb = new Uint8Array(plane * 3)
  for (let channel = 0; channel < 3; channel++)
    for (let i = 0; i < plane; i++) {
      const value = ((values[channel * plane + i] as number) + 1) * 127.5
      rgb[i * 3 + channel] = Math.round(Math.max(0, Math.min(255, value)))
    }
  return { width: side, height: side, rgb }
}

export async function writeSheet(file: string, pictures: readonly Picture[], columns: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, await encodePng(imageGrid(pictures, Math.ceil(pictures.length / columns), columns)))
}
