/** Scenes of the world: described by a seed, drawn as SVG, rasterised to pixels. */

import { atmosphereOf } from "./atmosphere.ts"
import { backgroundSvg, foregroundSvg } from "./backgrounds/index.ts"
import { Canvas } from "./canvas.ts"
import { captionsOf } from "./captions.ts"
import type { Look, PlacedObject, SceneDescription } from "./description.ts"
import { objectSvg } from "./objects/index.ts"
import { floats, placeOne, placeTwo } from "./placement.ts"
import { type Random, randomFrom } from "./random.ts"
import { rasterise } from "./rasterise.ts"
import { backgrounds, colourNames, objectClasses, timesOf } from "./vocabulary.ts"

/** `pixels` is RGB, size × size × 3, rows from the top. */
export type Scene = Omit<SceneDescription, "seed"> & { readonly pixels: Uint8Array; readonly size: number }

/** The scene of a seed; the two splits share no scene. */
export function sceneFromSeed(seed: number, split: "train" | "heldout" = "train"): SceneDescription {
  const random = randomFrom(seed, split)
  const background = random.pick(backgrounds)
  // A clear day is the usual case and what a prompt that says no time means.
  const time = random.chance(0.25) ? "day" : random.pick(timesOf[background])
  const detail = random.below(2 ** 31)
  const first = dressed(random)
  const objects = random.chance(0.74)
    ? [placeOne(random, background, first)]
    : placeTwo(random, background, first, companion(random, first))
  const captions = captionsOf({ background, time, objects })
  return { seed: detail, background, time, objects, caption: random.pick(captions), captions }
}

export function sceneSvg(description: SceneDescription): string {
  return paintScene(description, (object, canvas, air) =>
    objectSvg(object, canvas, air, floats(object.class, description.background)),
  )
}

/** The scene with its objects drawn by `drawObject`. */
export function paintScene(
  { seed, background, time, objects }: Pick<SceneDescription, "seed" | "background" | "time" | "objects">,
  drawObject: (object: PlacedObject, canvas: Canvas, air: ReturnType<typeof atmosphereOf>) => string,
): string {
  const setting = { canvas: new Canvas(), air: atmosphereOf(time), random: randomFrom(seed, "details") }
  const behind = backgroundSvg(background, setting)
  const things = objects.map((object) => drawObject(object, setting.canvas, setting.air)).join("")
  const front = foregroundSvg(background, setting, seed)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100" viewBox="0 0 100 100">${setting.canvas.definitions}${behind}${things}${front}</svg>`
}

/** Draws at `size` × `size` pixels, anti-aliased. */
export async function drawScene(description: SceneDescription, size: number): Promise<Scene> {
  const { seed: _, ...said } = description
  return { ...said, pixels: await rasterise(sceneSvg(description), size), size }
}

function dressed(random: Random): Look {
  const pattern = random.chance(0.6) ? "plain" : random.pick(["striped", "dotted"] as const)
  return { class: random.pick(objectClasses), colour: random.pick(colourNames), pattern }
}

/** A thing of another class, or now and then the same again, which makes "two red balls". */
function companion(random: Random, first: Look): Look {
  if (random.chance(0.25)) return first
  let other = dressed(random)
  while (other.class === first.class) other = dressed(random)
  return other
}
