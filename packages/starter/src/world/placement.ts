/** Where objects are in a picture, and how big. */

import type { Look, PlacedObject } from "./description.ts"
import { drawings } from "./objects/index.ts"
import type { Random } from "./random.ts"
import type { Background, ObjectClass } from "./vocabulary.ts"

/** One object, small to big, anywhere from left to right. */
export function placeOne(random: Random, background: Background, look: Look): PlacedObject {
  return place(
    random,
    background,
    look,
    random.between(0.34, look.class === "ball" ? 0.5 : 0.66),
    random.between(0.24, 0.76),
  )
}

/** Two objects side by side. */
export function placeTwo(random: Random, background: Background, left: Look, right: Look): PlacedObject[] {
  const size = random.between(0.32, 0.43)
  return [
    place(random, background, left, size, random.between(0.24, 0.28)),
    place(random, background, right, size * random.between(0.92, 1.08), random.between(0.72, 0.76)),
  ]
}

/** Fish swim and boats float; everything else stands on the ground. */
export function floats(thing: ObjectClass, background: Background): boolean {
  return background === "underwater" && (thing === "fish" || thing === "ball" || thing === "boat" || thing === "rocket")
}

/** @param size the longer side of the object, @param centre from the left, both in parts of the picture */
export function place(random: Random, background: Background, look: Look, size: number, centre: number): PlacedObject {
  const drawing = drawings[look.class]
  const width = (size * drawing.width) / 100
  const height = (size * drawing.height) / 100
  const x = Math.min(Math.max(centre - width / 2, 0.02), 0.98 - width)
  const bottom = bottomOf(random, background, look.class, height)
  return { ...look, size, box: { x, y: bottom - height, width, height }, flipped: random.chance(0.5) }
}

function bottomOf(random: Random, background: Background, thing: ObjectClass, height: number): number {
  if (floats(thing, background)) return random.between(Math.min(0.2 + height, 0.8), 0.86)
  if (thing === "boat" && (background === "fjord" || background === "beach")) return random.between(0.72, 0.82)
  return random.between(0.86, 0.96)
}
