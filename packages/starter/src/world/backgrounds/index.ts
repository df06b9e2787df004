/** The backgrounds, drawn in units of a hundredth of the picture's side. */

import { randomFrom } from "../random.ts"
import type { Background } from "../vocabulary.ts"
import { castle, city, room } from "./built.ts"
import { desert, forest, meadow, snow, snowflakes } from "./land.ts"
import { rain, type Setting } from "./sky.ts"
import { beach, fjord, underwater } from "./water.ts"
import { moon, volcano } from "./wild.ts"

const drawings: Record<Background, (setting: Setting) => string> = {
  fjord,
  beach,
  forest,
  meadow,
  city,
  snow,
  desert,
  room,
  underwater,
  moon,
  volcano,
  castle,
}

export function backgroundSvg(background: Background, setting: Setting): string {
  return drawings[background](setting)
}

/** What lies in front of everything: rain, falling snow. */
export function foregroundSvg(background: Background, { air }: Setting, seed: number): string {
  const random = randomFrom(seed, "foreground")
  if (background === "snow") return snowflakes(random)
  return air.time === "rain" && background !== "room" ? rain(random) : ""
}
