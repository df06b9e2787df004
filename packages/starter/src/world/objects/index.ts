/** The objects, each drawn in a box of its own whose longer side is 100. */

import type { Atmosphere } from "../atmosphere.ts"
import type { Canvas } from "../canvas.ts"
import { ellipse, group, round } from "../canvas.ts"
import type { PlacedObject } from "../description.ts"
import { colours, type ObjectClass } from "../vocabulary.ts"
import { bird, cat, dog, fish } from "./animals.ts"
import { boat, car, robot, rocket } from "./machines.ts"
import { type Paints, paintsOf } from "./paints.ts"
import { house, tree } from "./standing.ts"
import { backpack, ball, cup, hat, teapot, umbrella } from "./things.ts"

type Drawing = { readonly width: number; readonly height: number; readonly draw: (paints: Paints) => string }

export const drawings: Record<ObjectClass, Drawing> = {
  boat: { width: 100, height: 92, draw: (paints) => boat(paints) },
  house: { width: 100, height: 98, draw: (paints) => house(paints) },
  tree: { width: 86, height: 100, draw: (paints) => tree(paints) },
  car: { width: 100, height: 56, draw: (paints) => car(paints) },
  robot: { width: 76, height: 100, draw: (paints) => robot(paints) },
  dog: { width: 100, height: 88, draw: (paints) => dog(paints) },
  cat: { width: 80, height: 100, draw: (paints) => cat(paints) },
  bird: { width: 100, height: 84, draw: (paints) => bird(paints) },
  fish: { width: 100, height: 66, draw: (paints) => fish(paints) },
  ball: { width: 100, height: 100, draw: (paints) => ball(paints) },
  cup: { width: 96, height: 100, draw: (paints) => cup(paints) },
  backpack: { width: 82, height: 100, draw: (paints) => backpack(paints) },
  teapot: { width: 100, height: 78, draw: (paints) => teapot(paints) },
  hat: { width: 100, height: 72, draw: (paints) => hat(paints) },
  rocket: { width: 60, height: 100, draw: (paints) => rocket(paints) },
  umbrella: { width: 100, height: 96, draw: (paints) => umbrella(paints) },
}

/** An object of the world in its place. */
export function objectSvg(object: PlacedObject, canvas: Canvas, air: Atmosphere, floats: boolean): string {
  const { draw } = drawings[object.class]
  return placedSvg(object, draw(paintsOf(canvas, air, colours[object.colour], object.pattern)), canvas, floats)
}

/** A drawing in its place, with the shadow it throws unless it floats. */
export function placedSvg(
  { box, flipped, size }: Pick<PlacedObject, "box" | "flipped" | "size">,
  drawing: string,
  canvas: Canvas,
  floats: boolean,
): string {
  const [x, y, width, height] = [box.x, box.y, box.width, box.height].map((value) => value * 100) as [
    number,
    number,
    number,
    number,
  ]
  const place = flipped
    ? `translate(${round(x + width)} ${round(y)}) scale(${round(-size)} ${round(size)})`
    : `translate(${round(x)} ${round(y)}) scale(${round(size)})`
  const dark = canvas.radial([
    [0, "#0a1020", 0.5],
    [0.6, "#0a1020", 0.24],
    [1, "#0a1020", 0],
  ])
  const shadow = floats ? "" : ellipse(x + width / 2, y + height - 0.3, width * 0.54, Math.max(1.6, size * 7), dark)
  return shadow + group(place, drawing)
}
