/** The moon and the volcano. */

import { circle, land, line, type Point, path, polygons, rectangle, round, spots } from "../canvas.ts"
import { darker, lighter, mix } from "../colour.ts"
import { hill } from "./land.ts"
import { type Setting, sky, stars } from "./sky.ts"

export function moon(setting: Setting): string {
  const { canvas, random } = setting
  const space = canvas.vertical([
    [0, "#05060f"],
    [1, "#1b2040"],
  ])
  const dust = (top: string, bottom: string) =>
    canvas.vertical([
      [0, top],
      [1, bottom],
    ])
  const [x, y] = [random.between(16, 84), random.between(14, 26)]
  const craters = Array.from({ length: 8 }, () => {
    const near = random.next()
    return { x: random.between(0, 100), y: 70 + near * 28, rx: 2 + near * 5 }
  })
  const rims = craters.map(({ x, y, rx }) => ({ x, y: y - rx * 0.14, rx, ry: rx * 0.36 }))
  const floors = craters.map(({ x, y, rx }) => ({ x, y: y + rx * 0.08, rx: rx * 0.84, ry: rx * 0.26 }))
  return [
    rectangle(0, 0, 100, 101, space),
    stars(random, 64, 60),
    earth(setting, x, y),
    land(hill(random, 59, 4), dust("#8d8f9c", "#6f717f")),
    land(hill(random, 67, 3), dust("#d3d4dc", "#90929f")),
    spots(rims, "#8b8d99", 'stroke="#e6e7ee" stroke-width="0.5" stroke-opacity="0.7"'),
    spots(floors, "#6d6f7d"),
  ].join("")
}

function earth({ canvas }: Setting, x: number, y: number): string {
  const glow = canvas.radial([
    [0.5, "#7fc4ff", 0.5],
    [1, "#7fc4ff", 0],
  ])
  const sea = canvas.radial(
    [
      [0, "#7fd0ff"],
      [0.7, "#2a78d8"],
      [1, "#173f8f"],
    ],
    [0.38, 0.35],
  )
  return (
    circle(x, y, 16, glow) +
    circle(x, y, 10, sea) +
    path(`M${round(x - 7)} ${round(y - 4)}q4 -5 8 -3q1 3 -3 5q-4 3 -5 -2Z`, "#5cb865") +
    path(`M${round(x + 1)} ${round(y + 2)}q5 -2 6 1q0 4 -4 5q-4 -2 -2 -6Z`, "#5cb865") +
    line(
      `M${round(x - 6)} ${round(y + 3)}q4 2 6 1M${round(x + 1)} ${round(y - 3)}q4 -1 6 0`,
      "#ffffff",
      1.2,
      'opacity="0.8"',
    )
  )
}

export function volcano(setting: Setting): string {
  const { canvas, air, random } = setting
  const x = random.between(34, 66)
  const top = random.between(22, 28)
  const rock = air.land("#6a4e50")
  const cone = canvas.horizontal([
    [0, lighter(rock, 0.14)],
    [0.5, rock],
    [1, darker(rock, 0.35)],
  ])
  const lava = canvas.vertical([
    [0, "#fff07a"],
    [0.4, "#ff9a2a"],
    [1, "#e23a1a"],
  ])
  const glow = canvas.radial([
    [0, "#ffb347", 0.85],
    [0.5, "#ff6a2a", 0.32],
    [1, "#ff5a2a", 0],
  ])
  const smoke = Array.from({ length: 6 }, (_, i) =>
    circle(
      x + i * random.between(1, 3.6) - 2,
      top - 4 - i * 3.8,
      4.2 + i * 1.35,
      mix(air.land("#8f8288"), air.haze, 0.12 * i),
      'opacity="0.72"',
    ),
  ).reverse()
  const sparks = Array.from({ length: 12 }, () => ({
    x: x + random.between(-13, 13),
    y: top - random.between(1, 16),
    rx: random.between(0.4, 0.9),
  }))
  const ash = canvas.vertical([
    [0, air.land("#65504e")],
    [1, air.land("#332b31")],
  ])
  const ground = hill(random, 73, 2.5)
  return [
    sky(setting, 66),
    land(hill(random, 60, 5), mix(air.land("#7d6570"), air.haze, 0.35)),
    circle(x, top + 2, 28, glow),
    ...smoke,
    path(
      `M${round(x - 46)} 78Q${round(x - 16)} 62 ${round(x - 8)} ${round(top)}Q${round(x)} ${round(top + 4)} ${round(x + 8)} ${round(top)}Q${round(x + 16)} 62 ${round(x + 46)} 78Z`,
      cone,
    ),
    path(
      `M${round(x - 7.5)} ${round(top)}Q${round(x)} ${round(top + 4.5)} ${round(x + 7.5)} ${round(top)}q1 8 3 13q-3 3 -4 -2q-2 12 0 26q-4 4 -5 -4q-1 -12 -3 -18q-2 8 -5 9q-2 -2 0 -9q1 -6 0 -15Z`,
      lava,
    ),
    spots(sparks, "#ffc84a"),
    land(ground, ash),
    line(`M6 86l9 2l5 -3l9 4M62 80l8 3l10 -1l7 4M40 97l12 -2l8 3l13 -2`, "#ff7a2a", 1, 'opacity="0.85"'),
    polygons(
      Array.from({ length: 6 }, (): Point[] => {
        const [rx, ry] = [random.between(0, 100), random.between(80, 99)]
        return [
          [rx - 3, ry],
          [rx - 1.4, ry - 2.6],
          [rx + 1.2, ry - 2.2],
          [rx + 2.8, ry],
        ]
      }),
      air.land("#4a3d42"),
    ),
  ].join("")
}
