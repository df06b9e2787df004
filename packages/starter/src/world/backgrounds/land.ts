/** Forest, meadow, snow and desert. */

import { ellipse, land, line, type Point, path, polygon, rectangle, round, spots } from "../canvas.ts"
import { darker, lighter, mix } from "../colour.ts"
import type { Random } from "../random.ts"
import { flowers, pines } from "./plants.ts"
import { type Setting, sky } from "./sky.ts"

export function forest(setting: Setting): string {
  const { canvas, air, random } = setting
  const rows = [
    { y: 66, count: 13, low: 28, high: 40, colour: mix("#6fa386", air.time === "day" ? "#d8f0dc" : "#6fa386", 0.4) },
    { y: 73, count: 9, low: 36, high: 52, colour: "#4a8a62" },
    { y: 80, count: 5, low: 44, high: 62, colour: "#2b6a45" },
  ] as const
  const trees = rows.map(({ y, count, low, high, colour }) =>
    pines(
      setting,
      Array.from({ length: count }, (_, i) => ({
        x: ((i + random.between(0.1, 0.9)) * 104) / count - 2,
        y: y + random.between(-1, 2),
        height: random.between(low, high),
      })),
      colour,
    ),
  )
  const floor = canvas.vertical([
    [0, air.land("#5c9a4c")],
    [1, air.land("#2c5f34")],
  ])
  const undergrowth = canvas.vertical([
    [0, air.land("#5f8f72"), 0],
    [0.3, air.land("#4f8060")],
    [1, air.land("#3f7a4a")],
  ])
  const beam = canvas.vertical([
    [0, "#fff7c8", 0.4],
    [1, "#fff7c8", 0],
  ])
  const beams =
    air.time === "day" || air.time === "sunset"
      ? [18, 44, 70]
          .map((x) =>
            polygon(
              [
                [x, 0],
                [x + 8, 0],
                [x - 12, 84],
                [x - 26, 84],
              ],
              beam,
            ),
          )
          .join("")
      : ""
  const ferns = fern(setting, "#7cc25c", 5) + fern(setting, "#4d9a4a", 4)
  const mushrooms = [random.between(4, 20), random.between(80, 96)].map(
    (x) =>
      rectangle(x - 0.6, 91, 1.2, 3, air.land("#f2e6d2")) +
      path(`M${round(x - 2.2)} 91.4a2.2 2 0 0 1 4.4 0Z`, air.land("#d9523f")),
  )
  return [
    sky(setting, 66),
    rectangle(0, 60, 100, 24, undergrowth),
    trees.join(""),
    land(hill(random, 76, 2), floor),
    beams,
    ferns,
    ...mushrooms,
  ].join("")
}

function fern({ air, random }: Setting, colour: string, count: number): string {
  const fronds = Array.from({ length: count }, () => {
    const [x, y] = [round(random.between(0, 100)), round(random.between(86, 101))]
    return [-3.5, -1.5, 1.5, 3.5].map((dx) => `M${x} ${y}q${round(dx * 0.3)} -3.5 ${dx} -4.5`).join("")
  })
  return line(fronds.join(""), air.land(colour), 0.9)
}

export function meadow(setting: Setting): string {
  const { canvas, air, random } = setting
  const far = canvas.vertical([
    [0, mix(air.land("#8fc9a0"), air.haze, 0.35)],
    [1, air.land("#8fcf7a")],
  ])
  const middle = canvas.vertical([
    [0, air.land("#a6dc6e")],
    [1, air.land("#6fbf55")],
  ])
  const near = canvas.vertical([
    [0, air.land("#8ed65c")],
    [1, air.land("#3f9a46")],
  ])
  const bushes = Array.from({ length: 5 }, () => random.between(0, 100)).flatMap((x) => [
    { x, y: 59, rx: 2.4 },
    { x: x + 2.6, y: 59.6, rx: 1.9 },
    { x: x - 2.3, y: 59.8, rx: 1.7 },
  ])
  const blades = Array.from(
    { length: 26 },
    () =>
      `M${round(random.between(0, 100))} ${round(random.between(80, 101))}l${round(random.between(-0.8, 0.8))} -2.6`,
  )
  return [
    sky(setting, 60),
    land(hill(random, 52, 6), far),
    spots(bushes, air.land("#4f9a58")),
    land(hill(random, 62, 5), middle),
    land(hill(random, 74, 3), near),
    line(blades.join(""), air.land("#2f8a3e"), 0.6, 'opacity="0.7"'),
    flowers(setting, 72, 99, 34),
  ].join("")
}

export function snow(setting: Setting): string {
  const { canvas, air, random } = setting
  const white = (top: string, bottom: string) =>
    canvas.vertical([
      [0, air.land(top)],
      [1, air.land(bottom)],
    ])
  const grove = (y: number, count: number, low: number, high: number) =>
    pines(
      setting,
      Array.from({ length: count }, (_, i) => ({
        // They stand at the sides and leave the middle to what the picture is about.
        x: i % 2 ? random.between(72, 102) : random.between(-2, 28),
        y: y + random.between(-1, 2),
        height: random.between(low, high),
      })),
      "#3c6f6c",
      true,
    )
  return [
    sky(setting, 62),
    land(hill(random, 50, 7), white("#dbe9f5", "#c3d8ea")),
    grove(63, 8, 14, 20),
    land(hill(random, 63, 4), white("#f3f9fd", "#cfe0ef")),
    grove(74, 4, 24, 34),
    land(hill(random, 75, 3), white("#ffffff", "#d3e3f2")),
    ellipse(random.between(20, 80), 96, 26, 2.4, air.land("#b4cbe2"), 'opacity="0.5"'),
  ].join("")
}

/** Flakes that fall in front of everything. */
export function snowflakes(random: Random): string {
  const flakes = Array.from({ length: 38 }, () => ({
    x: random.between(0, 100),
    y: random.between(0, 100),
    rx: random.between(0.4, 1),
  }))
  return spots(flakes, "#ffffff", 'opacity="0.88"')
}

export function desert(setting: Setting): string {
  const { canvas, air, random } = setting
  const sand = (top: string, bottom: string) =>
    canvas.slanted([
      [0, air.land(top)],
      [1, air.land(bottom)],
    ])
  const warm =
    air.time === "day"
      ? rectangle(
          0,
          0,
          100,
          62,
          canvas.vertical([
            [0, "#ffe2a8", 0.15],
            [1, "#ffd58a", 0.8],
          ]),
        )
      : ""
  const crest = random.between(30, 70)
  const dune = `M-2 101V${round(random.between(66, 70))}Q${round(crest * 0.55)} 68 ${round(crest)} 56Q${round(crest + 18)} 66 102 ${round(random.between(64, 70))}V101Z`
  const shade = `M${round(crest)} 56Q${round(crest + 18)} 66 102 68V82Q${round(crest + 4)} 76 ${round(crest)} 56Z`
  return [
    sky(setting, 60),
    warm,
    land(hill(random, 57, 3), sand("#f0c480", "#d99a58")),
    path(dune, sand("#f9d690", "#e0a158")),
    path(shade, air.land("#b9763e"), 'opacity="0.5"'),
    cactus(setting, random.pick([random.between(6, 14), random.between(86, 94)]), 80, random.between(0.8, 1.15)),
    land(hill(random, 77, 4), sand("#fbdc9c", "#dc9a50")),
    line("M4 88q10 -2 20 0t20 0M50 94q12 -2 22 0t22 0", air.land("#c98a48"), 0.7, 'opacity="0.6"'),
    ...Array.from({ length: 3 }, () =>
      ellipse(random.between(3, 97), random.between(84, 98), 1.7, 1, air.land("#a3734a")),
    ),
  ].join("")
}

function cactus({ air }: Setting, x: number, y: number, scale: number): string {
  const green = air.land("#4f8f4a")
  const d = `M${round(x)} ${y}v${round(-22 * scale)}M${round(x)} ${round(y - 8 * scale)}h${round(-4.5 * scale)}v${round(-6 * scale)}M${round(x)} ${round(y - 11 * scale)}h${round(4.5 * scale)}v${round(-6 * scale)}`
  return (
    line(d, darker(green, 0.2), 3.6 * scale) + line(d, green, 2.6 * scale) + line(d, lighter(green, 0.25), 0.6 * scale)
  )
}

/** A soft ridge about `y`, `swing` up and down. */
export function hill(random: Random, y: number, swing: number): Point[] {
  const phase = random.between(0, Math.PI * 2)
  return [-4, 12, 28, 44, 60, 76, 92, 106].map((x) => [
    x,
    y + swing * 0.7 * Math.sin(x / 16 + phase) + random.between(-swing, swing) * 0.35,
  ])
}
