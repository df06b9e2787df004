/** Plants that grow in more than one background. */

import { type Point, polygons, rectangles, spots } from "../canvas.ts"
import { darker, lighter } from "../colour.ts"
import type { Setting } from "./sky.ts"

type Standing = { readonly x: number; readonly y: number; readonly height: number }

/** Conifers of three tiers, standing at (x, y), their right sides in the shade. */
export function pines({ air }: Setting, trees: readonly Standing[], colour: string, hasSnow = false): string {
  const green = air.land(colour)
  const tiers = trees.flatMap(({ x, y, height }) =>
    [0, 0.28, 0.54].map((lift, i) => {
      const wide = height * 0.27 * (1 - i * 0.24)
      const base = y - height * (0.1 + lift)
      return { x, wide, base, top: base - height * (i === 2 ? 0.36 : 0.42) }
    }),
  )
  const whole = tiers.map(({ x, wide, base, top }): Point[] => [
    [x - wide, base],
    [x, top],
    [x + wide, base],
  ])
  const shaded = tiers.map(({ x, wide, base, top }): Point[] => [
    [x, top],
    [x + wide, base],
    [x + wide * 0.15, base],
  ])
  const snow = tiers.map(({ x, wide, base, top }): Point[] => {
    const middle = (top + base) / 2
    return [
      [x, top],
      [x + wide * 0.5, middle],
      [x + wide * 0.1, middle - 0.5],
      [x - wide * 0.5, middle + 0.4],
    ]
  })
  const trunks = trees.map(
    ({ x, y, height }) => [x - height * 0.035, y - height * 0.12, height * 0.07, height * 0.12] as const,
  )
  return [
    rectangles(trunks, air.land("#6a4a30")),
    polygons(whole, lighter(green, 0.05), `stroke="${darker(green, 0.12)}" stroke-width="0.3"`),
    polygons(shaded, darker(green, 0.18)),
    hasSnow ? polygons(snow, air.land("#f4f9fd")) : "",
  ].join("")
}

/** Flowers strewn over the ground between two heights, bigger when nearer. */
export function flowers({ air, random }: Setting, top: number, bottom: number, count: number): string {
  const petals = ["#ffffff", "#ffe066", "#ff8fb0", "#c89bff", "#ff7a5c"]
  const strewn = petals.map((colour) => ({
    colour,
    heads: Array.from({ length: Math.ceil(count / petals.length) }, () => {
      const nearness = random.next()
      return { x: random.between(0, 100), y: top + (bottom - top) * nearness, rx: 0.5 + nearness * 0.8 }
    }),
  }))
  const hearts = strewn.flatMap(({ heads }) => heads.map(({ x, y, rx }) => ({ x, y, rx: rx * 0.4 })))
  return strewn.map(({ colour, heads }) => spots(heads, air.land(colour))).join("") + spots(hearts, air.land("#f2b632"))
}
