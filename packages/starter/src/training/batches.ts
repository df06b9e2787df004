/** Pictures and weights for the autoencoder's steps: functions of (seed, step), drawn afresh. */

import type { Box } from "../world/description.ts"
import { randomFrom } from "../world/random.ts"
import { drawScene, type Scene, sceneFromSeed } from "../world/scene.ts"

/** How much pixels within objects' boxes count; backgrounds are learnt first and would hide their errors. */
const objectWeight = 4

export interface PictureBatch {
  /** [b, 3, side, side] in [-1, 1]. */
  readonly image: Float32Array
  /** [b, 1, side, side] */
  readonly pixelWeights: Float32Array
}

/** Scenes that only this step sees. */
export async function pictureBatch(
  step: number,
  options: { readonly seed: number; readonly batch: number; readonly resolution: number },
): Promise<PictureBatch> {
  const { seed, batch, resolution } = options
  const random = randomFrom(step, `pictures ${seed}`)
  const seeds = Array.from({ length: batch }, () => random.below(2 ** 31))
  return picturesOf(await Promise.all(seeds.map((scene) => drawScene(sceneFromSeed(scene), resolution))))
}

/** Scenes of one size as the autoencoder's input. */
export function picturesOf(scenes: readonly Scene[]): PictureBatch {
  const side = scenes[0]?.size ?? 0
  const plane = side * side
  const image = new Float32Array(scenes.length * 3 * plane)
  const pixelWeights = new Float32Array(scenes.length * plane)
  for (const [i, { pixels, objects }] of scenes.entries()) {
    for (let pixel = 0; pixel < plane; pixel++)
      for (let channel = 0; channel < 3; channel++)
        image[(i * 3 + channel) * plane + pixel] = (pixels[pixel * 3 + channel] as number) / 127.5 - 1
    pixelWeights.set(objectWeights(objects, side, objectWeight), i * plane)
  }
  return { image, pixelWeights }
}

/** A map of side × side cells that is `weight` in the objects' boxes and 1 elsewhere. */
export function objectWeights(objects: readonly { readonly box: Box }[], side: number, weight: number): Float32Array {
  const map = new Float32Array(side * side).fill(1)
  const cell = (place: number) => Math.min(side, Math.max(0, Math.round(place * side)))
  for (const { box } of objects) {
    const [from, to] = [cell(box.x), cell(box.x + box.width)]
    for (let y = cell(box.y); y < cell(box.y + box.height); y++) map.fill(weight, y * side + from, y * side + to)
  }
  return map
}
