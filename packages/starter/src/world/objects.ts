/** The objects, each drawn in a box of 100 × 100 of its own. */

import type { PlacedObject } from "./scene.ts"
import { type Background, colours, type Time } from "./vocabulary.ts"

type Surroundings = { readonly id: string; readonly background: Background; readonly time: Time }

export function objectSvg(object: PlacedObject, { id }: Surroundings): string {
  const { box } = object
  const colour = colours[object.colour]
  const mark = object.colour === "white" ? "#9aa3b5" : "#ffffff"
  const stripes = `<pattern id="${id}" width="20" height="20" patternUnits="userSpaceOnUse"><rect width="20" height="20" fill="${colour}"/>${object.pattern === "striped" ? `<rect width="20" height="8" fill="${mark}"/>` : object.pattern === "dotted" ? `<circle cx="10" cy="10" r="5" fill="${mark}"/>` : ""}</pattern>`
  return `<defs>${stripes}</defs><g transform="translate(${box.x * 100} ${box.y * 100}) scale(${box.width})"><rect x="10" y="10" width="80" height="90" rx="20" fill="url(#${id})"/></g>`
}
