/** Plants that grow in more than one background. */

import { circle, polygon, rectangle } from "../canvas.ts"
import { darker, lighter } from "../colour.ts"
import type { Setting } from "./sky.ts"

/** A conifer of three tiers standing at (x, y). */
export function pine({ air }: Setting, x: number, y: number, height: number, colour: string, snow = false): string {
  const green = air.land(colour)
  const half = height * 0.27
  const tiers = [0, 0.28, 0.54].map((lift, i) => {
    const wide = half * (1 - i * 0.24)
    const base = y - height * (0.1 + lift)
    const top = base - height * (i === 2 ? 0.36 : 0.42)
    const white = air.land("#f4f9fd")
    return (
      polygon(
        [
          [x - wide, base],
          [x, top],
          [x + wide, base],
        ],
        lighter(green, i * 0.07),
      ) +
      polygon(
        [
          [x, top],
          [x + wide, base],
          [x + wide * 0.15, base],
        ],
        darker(green, 0.18),
      ) +
      (snow
        ? polygon(
            [
              [x, top],
              [x + wide * 0.5, (top + base) / 2],
              [x + wide * 0.1, (top + base) / 2 - 0.5],
              [x - wide * 0.5, (top + base) / 2 + 0.4],
            ],
            white,
          )
        : "")
    )
  })
  return (
    rectangle(x - height * 0.035, y - height * 0.12, height * 0.07, height * 0.12, air.land("#6a4a30")) + tiers.join("")
  )
}

/** Flowers strewn over the ground between two heights, bigger when nearer. */
export function flowers({ air, random }: Setting, top: number, bottom: number, count: number): string {
  return Array.from({ length: count }, () => {
    const nearness = random.next()
    const y = top + (bottom - top) * nearness
    const x = random.between(0, 100)
    const radius = 0.5 + nearness * 0.8
    const colour = air.land(random.pick(["#ffffff", "#ffe066", "#ff8fb0", "#c89bff", "#ff7a5c"]))
    return circle(x, y, radius, colour) + circle(x, y, radius * 0.4, air.land("#f2b632"))
  }).join("")
}
