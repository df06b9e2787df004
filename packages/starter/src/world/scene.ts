/** Scenes of the world: described by a seed, drawn as SVG, rasterised to pixels. */

import sharp from "sharp"
import { backgroundSvg, overlaySvg } from "./backgrounds.ts"
import { captionsOf } from "./captions.ts"
import { objectSvg } from "./objects.ts"
import { type Random, randomFrom } from "./random.ts"
import {
  type Background,
  backgrounds,
  type Colour,
  colourNames,
  type ObjectClass,
  objectClasses,
  type Pattern,
  type Time,
  timesOf,
} from "./vocabulary.ts"

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** `box` is in parts of the picture's side, (0, 0) at the top left; `size` is the width of the box. */
export type PlacedObject = {
  readonly class: ObjectClass
  readonly colour: Colour
  readonly pattern: Pattern
  readonly size: number
  readonly box: Box
  readonly flipped: boolean
}

export type SceneDescription = {
  /** Decides the details that have no words: clouds, trees, stars, the shapes of mountains. */
  readonly seed: number
  readonly background: Background
  readonly time: Time
  readonly objects: readonly PlacedObject[]
  readonly caption: string
  /** Every way to say what is in the picture, from a full sentence to the bare noun. */
  readonly captions: readonly string[]
}

/** `pixels` is RGB, size × size × 3, rows from the top. */
export type Scene = Omit<SceneDescription, "seed"> & { readonly pixels: Uint8Array; readonly size: number }

/** The scene of a seed; the two splits share no scene. */
export function sceneFromSeed(seed: number, split: "train" | "heldout" = "train"): SceneDescription {
  const random = randomFrom(seed, split)
  const background = random.pick(backgrounds)
  const time = random.pick(timesOf[background])
  const detail = random.below(2 ** 31)
  const objects = random.chance(0.72) ? [oneObject(random, background)] : twoObjects(random, background)
  const captions = captionsOf({ background, time, objects })
  return { seed: detail, background, time, objects, caption: random.pick(captions), captions }
}

export function sceneSvg(description: SceneDescription): string {
  const { seed, background, time } = description
  const objects = description.objects.map((object, i) => objectSvg(object, { id: `o${i}`, background, time }))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">${backgroundSvg(background, time, seed)}${objects.join("")}${overlaySvg(background, time, seed)}</svg>`
}

/** Draws at `size` × `size` pixels, anti-aliased. */
export async function drawScene(description: SceneDescription, size: number): Promise<Scene> {
  const { seed: _, ...said } = description
  return { ...said, pixels: await rasterise(sceneSvg(description), size), size }
}

async function rasterise(svg: string, size: number): Promise<Uint8Array> {
  // The picture is 100 units wide: at 72 dots per inch one unit is one pixel.
  const density = Math.min(100_000, 0.72 * size)
  const { data } = await sharp(Buffer.from(svg.replace("<svg ", '<svg width="100" height="100" ')), { density })
    .resize(size, size, { fit: "fill" })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

function oneObject(random: Random, background: Background): PlacedObject {
  return place(random, background, dressed(random), random.between(0.3, 0.6), random.between(0.3, 0.7))
}

function twoObjects(random: Random, background: Background): PlacedObject[] {
  const first = dressed(random)
  const alike = random.chance(0.3)
  let second = alike ? first : dressed(random)
  while (!alike && second.class === first.class) second = dressed(random)
  const size = random.between(0.27, 0.38)
  return [
    place(random, background, first, size, random.between(0.22, 0.28)),
    place(random, background, second, size * random.between(0.9, 1.15), random.between(0.72, 0.78)),
  ]
}

type Look = { readonly class: ObjectClass; readonly colour: Colour; readonly pattern: Pattern }

function dressed(random: Random): Look {
  const pattern = random.chance(0.6) ? "plain" : random.pick(["striped", "dotted"] as const)
  return { class: random.pick(objectClasses), colour: random.pick(colourNames), pattern }
}

function place(random: Random, _background: Background, look: Look, size: number, centre: number): PlacedObject {
  const x = Math.min(Math.max(centre, size / 2 + 0.02), 0.98 - size / 2) - size / 2
  const bottom = random.between(0.84, 0.95)
  return {
    ...look,
    size,
    box: { x, y: bottom - size, width: size, height: size },
    flipped: random.chance(0.5),
  }
}
