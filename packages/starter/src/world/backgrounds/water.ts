/** Fjord, beach and the bottom of the sea. */

import { group, land, line, type Point, path, polygon, rectangle, round, spots } from "../canvas.ts"
import { darker, lighter, mix } from "../colour.ts"
import type { Random } from "../random.ts"
import { pines } from "./plants.ts"
import { type Setting, sky } from "./sky.ts"

export function fjord(setting: Setting): string {
  const { canvas, air, random } = setting
  const shore = random.between(54, 58)
  const far = mountain(
    setting,
    random.between(38, 62),
    shore,
    random.between(26, 34),
    34,
    mix("#7f9fc0", air.haze, 0.35),
  )
  const left = mountain(
    setting,
    random.between(2, 20),
    shore,
    random.between(38, 46),
    random.between(30, 42),
    "#56789a",
  )
  const right = mountain(
    setting,
    random.between(80, 98),
    shore,
    random.between(34, 46),
    random.between(28, 42),
    "#4a6c8c",
  )
  const mountains = far + (random.chance(0.5) ? left + right : right + left)
  const water = canvas.vertical([
    [0, mix(air.sky[2], air.land("#4f9dbf"), 0.45)],
    [0.5, air.land("#2f7fa8")],
    [1, air.land("#1d5f8a")],
  ])
  const mirrored = group(`translate(0 ${round(shore * 1.55)}) scale(1 -0.55)`, mountains, 'opacity="0.34"')
  const bank = canvas.vertical([
    [0, air.land("#7fb35a")],
    [1, air.land("#3f7a40")],
  ])
  const edge: Point[] = [0, 20, 40, 60, 80, 100].map((x) => [x, 84 + random.between(-2.5, 2.5)])
  return [
    sky(setting, shore),
    mountains,
    rectangle(0, shore, 100, 47, water),
    `<svg y="${round(shore)}" width="100" height="${round(100 - shore)}" viewBox="0 ${round(shore)} 100 ${round(100 - shore)}">${mirrored}</svg>`,
    ripples(random, shore + 2, 82, lighter(air.haze, 0.4)),
    land(edge, bank),
    pines(
      setting,
      [random.between(3, 8), random.between(92, 97)].map((x) => ({
        x,
        y: random.between(86, 90),
        height: random.between(15, 24),
      })),
      "#2f6a45",
    ),
  ].join("")
}

/** A peak with a side in the light, a side in the shade and snow on top. */
function mountain(
  { canvas, air, random }: Setting,
  x: number,
  base: number,
  height: number,
  half: number,
  rock: string,
) {
  const top = base - height
  const lit = air.land(rock)
  const ridge: Point[] = [
    [x, top],
    [x + random.between(-1, 4), top + height * 0.3],
    [x + random.between(-5, 2), top + height * 0.62],
    [x + random.between(0, 6), base],
  ]
  const fill = canvas.vertical([
    [0, lit],
    [1, mix(lit, air.haze, 0.35)],
  ])
  const snow = lighter(air.land("#eef5fb"), 0.1)
  const cap = 0.32 * height
  const spread = half * 0.32
  return [
    polygon(
      [
        [x - half, base],
        [x - half * 0.45, base - height * 0.48],
        [x, top],
        [x + half * 0.5, base - height * 0.44],
        [x + half, base],
      ],
      fill,
    ),
    polygon([...ridge, [x + half, base], [x + half * 0.5, base - height * 0.44]], darker(lit, 0.22), 'opacity="0.55"'),
    polygon(
      [
        [x, top],
        [x + spread, top + cap],
        [x + spread * 0.45, top + cap * 0.8],
        [x + 1, top + cap * 1.25],
        [x - spread * 0.4, top + cap * 0.75],
        [x - spread * 0.9, top + cap * 0.98],
      ],
      snow,
    ),
    polygon(
      [
        [x, top],
        [x + spread, top + cap],
        [x + spread * 0.45, top + cap * 0.8],
        [x + 1, top + cap * 1.25],
      ],
      air.land("#b7cbe0"),
    ),
  ].join("")
}

function ripples(random: Random, top: number, bottom: number, colour: string): string {
  const marks = Array.from({ length: 16 }, () => {
    const y = random.between(top, bottom)
    const near = (y - top) / (bottom - top)
    return `M${round(random.between(-4, 96))} ${round(y)}h${round(random.between(3, 8) * (0.6 + near))}`
  })
  return line(marks.join(""), colour, 0.6, 'opacity="0.5"')
}

export function beach(setting: Setting): string {
  const { canvas, air, random } = setting
  const horizon = random.between(46, 52)
  const sea = canvas.vertical([
    [0, air.land("#1f86c0")],
    [0.6, air.land("#33b5cf")],
    [1, air.land("#8fe0dc")],
  ])
  const sand = canvas.vertical([
    [0, air.land("#fbe8b8")],
    [1, air.land("#e3b873")],
  ])
  const edge: Point[] = [-2, 14, 30, 46, 62, 78, 94, 104].map((x) => [x, 71 + random.between(-2, 2)])
  const foam = edge.map(([x, y]): Point => [x, y - 1.6])
  const wet = edge.map(([x, y]): Point => [x, y + 2.2])
  const isLeft = random.chance(0.5)
  const pebbles = Array.from({ length: 12 }, () => ({
    x: random.between(0, 100),
    y: random.between(78, 99),
    rx: 0.8,
    ry: 0.5,
  }))
  return [
    sky(setting, horizon),
    rectangle(0, horizon, 100, 30, sea),
    ripples(random, horizon + 2, 68, lighter(air.haze, 0.5)),
    land(foam, air.land("#ffffff"), 'opacity="0.9"'),
    land(edge, air.land("#cfa566")),
    land(wet, sand),
    spots(pebbles, air.land("#b98d55"), 'opacity="0.7"'),
    starfish(setting, random.between(10, 90), random.between(92, 97)),
    random.chance(0.7) ? palm(setting, isLeft) : "",
  ].join("")
}

function starfish({ air }: Setting, x: number, y: number): string {
  const points = Array.from({ length: 10 }, (_, i): Point => {
    const radius = i % 2 ? 1.1 : 2.6
    return [x + radius * Math.sin((i * Math.PI) / 5), y - radius * 0.7 * Math.cos((i * Math.PI) / 5)]
  })
  return polygon(points, air.land("#ef7f52"))
}

/** A palm leaning in from the side, thin enough never to be taken for what the picture is about. */
function palm({ air }: Setting, isLeft: boolean): string {
  const leaf = air.land("#2f9a57")
  const leaves = [-165, -125, -75, -30, 5].map((angle) =>
    group(
      `translate(10 26) rotate(${angle})`,
      path("M0 0Q9 -6 20 1Q10 -1 0 0Z", leaf) + path("M0 0Q9 4 20 1Q10 -1 0 0Z", darker(leaf, 0.2)),
    ),
  )
  const trunk = line("M3 76Q3 48 10 27", air.land("#9a6b3f"), 2.4)
  return group(isLeft ? "" : "translate(100 0) scale(-1 1)", trunk + leaves.join(""))
}

export function underwater(setting: Setting): string {
  const { canvas, air, random } = setting
  const isNight = air.time === "night"
  const water = canvas.vertical(
    isNight
      ? [
          [0, "#0f3f7a"],
          [0.5, "#0a2458"],
          [1, "#071338"],
        ]
      : [
          [0, "#8feaf2"],
          [0.35, "#2fa9d6"],
          [1, "#0d5a9e"],
        ],
  )
  const ray = canvas.vertical([
    [0, "#ffffff", isNight ? 0.13 : 0.42],
    [1, "#ffffff", 0],
  ])
  const rays = Array.from({ length: 5 }, (_, i) => {
    const x = i * 20 + random.between(0, 16)
    return polygon(
      [
        [x, 0],
        [x + random.between(4, 10), 0],
        [x + random.between(-6, 6), 80],
        [x - random.between(14, 22), 80],
      ],
      ray,
    )
  })
  const sand = canvas.vertical([
    [0, air.land("#e9d6a0")],
    [1, air.land("#a98a5c")],
  ])
  const dunes: Point[] = [0, 20, 40, 60, 80, 100].map((x) => [x, 84 + random.between(-3, 3)])
  const rocks: Point[] = [0, 16, 32, 50, 68, 84, 100].map((x) => [
    x,
    72 + random.between(-9, 7) + 10 * (1 - Math.abs(x - 50) / 50),
  ])
  const bubbles = Array.from({ length: 11 }, () => ({
    x: random.between(3, 97),
    y: random.between(4, 78),
    rx: random.between(0.8, 2.3),
  }))
  const glints = bubbles.map(({ x, y, rx }) => ({ x: x - rx * 0.35, y: y - rx * 0.35, rx: rx * 0.28 }))
  return [
    rectangle(0, 0, 100, 101, water),
    ...rays,
    land(rocks, isNight ? "#0c2350" : "#1a6ba6", 'opacity="0.75"'),
    land(dunes, sand),
    ...[4, 11, 88, 95].map((x) => seaweed(setting, x + random.between(-2, 2), 90)),
    coral(setting, random.pick([17, 82]), 92),
    spots(bubbles, "#ffffff", 'fill-opacity="0.14" stroke="#e9fbff" stroke-width="0.4" stroke-opacity="0.85"'),
    spots(glints, "#ffffff"),
  ].join("")
}

function seaweed({ air, random }: Setting, x: number, y: number): string {
  const height = random.between(18, 36)
  const sway = random.between(3, 5) * (random.chance(0.5) ? 1 : -1)
  const d = `M${round(x)} ${y}q${round(sway)} ${round(-height / 4)} 0 ${round(-height / 2)}t0 ${round(-height / 2)}`
  return line(d, air.land(random.pick(["#2f9e6a", "#43b56a", "#1f8a72"])), 2.4)
}

function coral({ air, random }: Setting, x: number, y: number): string {
  const colour = air.land(random.pick(["#ff7b8a", "#ff9f5a", "#d46ad0"]))
  return line(
    `M${x} ${y}v-11M${x} ${y - 4}q-6 -1 -6 -7M${x} ${y - 5}q6 -1 6 -8M${x - 6} ${y - 9}q-3 -1 -3 -3`,
    colour,
    2.2,
  )
}
