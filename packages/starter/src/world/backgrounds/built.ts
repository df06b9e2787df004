/** City, room and castle. */

import type { Atmosphere } from "../atmosphere.ts"
import { circle, ellipse, group, land, line, path, polygon, rectangle, rectangles, round } from "../canvas.ts"
import { darker, lighter, mix } from "../colour.ts"
import { hill } from "./land.ts"
import { flowers } from "./plants.ts"
import { rain, type Setting, sky } from "./sky.ts"

export function city(setting: Setting): string {
  const { canvas, air, random } = setting
  const row = (low: number, high: number, base: number, colours: readonly string[], haze: number) => {
    const buildings: string[] = []
    for (let x = -3; x < 101; ) {
      const width = random.between(9, 16)
      const height = random.between(low, high)
      buildings.push(building(setting, x, base, width, height, mix(random.pick(colours), air.haze, haze)))
      x += width + random.between(-0.5, 1.2)
    }
    return buildings.join("")
  }
  const road = canvas.vertical([
    [0, air.land("#6c7078")],
    [1, air.land("#454951")],
  ])
  return [
    sky(setting, 74),
    row(34, 58, 75, ["#8fa3b8", "#a5b3c4"], air.time === "night" ? 0.1 : 0.4),
    row(18, 40, 76, ["#c98f72", "#d8b58a", "#8f9fb3", "#b07f86", "#7f93a0"], 0),
    rectangle(0, 75, 100, 6, air.land("#c8c4bd")),
    rectangle(0, 80, 100, 1.2, air.land("#8e8a86")),
    rectangle(0, 81, 100, 20, road),
    ...[2, 27, 52, 77].map((x) => rectangle(x, 95, 14, 1.4, air.land("#f1e7b4"))),
  ].join("")
}

type Pane = readonly [x: number, y: number, width: number, height: number]

function building(
  { air, random }: Setting,
  x: number,
  base: number,
  width: number,
  height: number,
  colour: string,
): string {
  const wall = air.land(colour)
  const isNight = air.time === "night"
  const windows = { lit: [] as Pane[], dark: [] as Pane[] }
  const columns = Math.max(2, Math.floor(width / 4))
  const step = width / columns
  for (let y = base - height + 3; y < base - 4; y += 4.6)
    for (let i = 0; i < columns; i++)
      windows[random.chance(isNight ? 0.55 : 0.12) ? "lit" : "dark"].push([x + step * (i + 0.24), y, step * 0.52, 2.4])
  return (
    rectangle(x, base - height, width, height + 1, wall) +
    rectangle(x + width * 0.8, base - height, width * 0.2, height + 1, darker(wall, 0.16)) +
    rectangle(x - 0.3, base - height - 1, width + 0.6, 1.2, darker(wall, 0.22)) +
    rectangles(windows.lit, isNight ? "#ffd977" : lighter(wall, 0.45)) +
    rectangles(windows.dark, darker(wall, isNight ? 0.35 : 0.25))
  )
}

const rooms = [
  { wall: "#f2d7b8", trim: "#c98f6a", floor: "#b07a4c" },
  { wall: "#cfe0d4", trim: "#8fae9a", floor: "#a87a52" },
  { wall: "#cdd9ec", trim: "#8ea3c6", floor: "#9a7355" },
  { wall: "#f0cfd0", trim: "#c9939a", floor: "#b58560" },
] as const

export function room(setting: Setting): string {
  const { canvas, air, random } = setting
  const paints = random.pick(rooms)
  const dim = indoors(air)
  const wall = canvas.vertical([
    [0, dim(paints.wall)],
    [1, darker(dim(paints.wall), 0.1)],
  ])
  const floor = canvas.vertical([
    [0, dim(paints.floor)],
    [1, darker(dim(paints.floor), 0.28)],
  ])
  const papered = Array.from({ length: 9 }, (_, i) => `M${6 + i * 11} 0V72`).join("")
  const boards =
    [78, 85, 93].map((y) => `M0 ${y}H100`).join("") +
    "M20 74V78M62 74V78M40 78V85M84 78V85M14 85V93M66 85V93M36 93V101M88 93V101"
  const windowLeft = random.chance(0.5)
  return [
    rectangle(0, 0, 100, 75, wall),
    line(papered, dim(paints.trim), 1.6, 'opacity="0.22"'),
    windowSvg(setting, windowLeft ? 8 : 54, 9),
    pictureFrame(setting, windowLeft ? 68 : 14, 15, dim),
    rectangle(0, 71.5, 100, 3, dim(lighter(paints.trim, 0.35))),
    rectangle(0, 74.5, 100, 26, floor),
    line(boards, darker(dim(paints.floor), 0.3), 0.5, 'opacity="0.7"'),
    ellipse(50, 91, 43, 7.5, dim(random.pick(["#c85a54", "#5a82b8", "#d8a24a", "#6f9a78"]))),
    ellipse(50, 91, 37, 6, "none", `stroke="${dim("#fff1d6")}" stroke-width="0.9" opacity="0.8"`),
  ].join("")
}

/** Rooms are lit from within: darker at night, but warm. */
function indoors(air: Atmosphere): (colour: string) => string {
  const [light, amount] = {
    day: ["#ffffff", 0],
    night: ["#2a2038", 0.48],
    sunset: ["#e8703a", 0.24],
    rain: ["#6a7480", 0.26],
  }[air.time] as [string, number]
  return (colour) => mix(colour, light, amount)
}

/** A window to the weather outside, 38 wide and 38 high. */
function windowSvg(setting: Setting, x: number, y: number): string {
  const { air, random } = setting
  const view =
    sky(setting, 100) +
    land(hill(random, 78, 8), air.land("#5f9a70")) +
    (air.time === "rain" ? rain(random, { x: 0, y: 0, width: 100, height: 100 }, 40) : "")
  const frame = air.time === "night" ? "#b9a58c" : "#fffaf0"
  return (
    rectangle(x - 2, y - 2, 42, 42, frame, 'rx="1.5"') +
    `<svg x="${x}" y="${y}" width="38" height="38" viewBox="0 0 100 100">${view}</svg>` +
    line(`M${x + 19} ${y}v38M${x} ${y + 19}h38`, frame, 1.8) +
    rectangle(x - 4, y + 39, 46, 2.4, darker(frame, 0.08), 'rx="0.8"')
  )
}

function pictureFrame({ random }: Setting, x: number, y: number, dim: (colour: string) => string): string {
  const paints = random.pick([
    ["#f3c55b", "#d9694f"],
    ["#9fc7d8", "#45738f"],
    ["#e9a9b8", "#7b5a8f"],
  ] as const)
  return (
    rectangle(x, y, 18, 22, dim("#8a5f3c"), 'rx="0.8"') +
    rectangle(x + 1.6, y + 1.6, 14.8, 18.8, dim(paints[0])) +
    circle(x + 9, y + 9, 3.6, dim("#fff4d8")) +
    path(`M${x + 1.6} ${y + 20.4}v-5q4 -5 7.4 -1t7.4 -2v8Z`, dim(paints[1]))
  )
}

export function castle(setting: Setting): string {
  const { canvas, air, random } = setting
  const stone = air.land(random.pick(["#c3bfc9", "#cdbfae", "#b5bdca"]))
  const wall = canvas.horizontal([
    [0, lighter(stone, 0.1)],
    [0.6, stone],
    [1, darker(stone, 0.2)],
  ])
  const roof = air.land(random.pick(["#5a6fb0", "#a8505f", "#4f8a86"]))
  const glass = air.time === "night" ? "#ffd46b" : darker(stone, 0.5)
  const tower = (x: number, top: number, width: number) =>
    rectangle(x, top, width, 74 - top, wall) +
    battlements(x - 0.8, top - 2.4, width + 1.6, stone) +
    polygon(
      [
        [x - 0.4, top - 2.4],
        [x + width / 2, top - 16],
        [x + width + 0.4, top - 2.4],
      ],
      roof,
    ) +
    polygon(
      [
        [x + width / 2, top - 16],
        [x + width + 0.4, top - 2.4],
        [x + width * 0.6, top - 2.4],
      ],
      darker(roof, 0.2),
    ) +
    line(`M${round(x + width / 2)} ${round(top - 16)}v-4`, air.land("#6a5a4a"), 0.6) +
    path(`M${round(x + width / 2)} ${round(top - 20)}l5 1.4l-5 1.4Z`, air.land("#f0b93a")) +
    rectangle(x + width / 2 - 1.1, top + 5, 2.2, 5, glass, 'rx="1.1"')
  const x = random.between(-4, 4)
  const keep =
    rectangle(28, 36, 44, 40, wall) +
    battlements(27, 33.4, 46, stone) +
    path("M43 75V60a7 7 0 0 1 14 0V75Z", air.land("#5a3f30")) +
    [35, 62].map((at) => rectangle(at, 46, 2.8, 6, glass, 'rx="1.4"')).join("")
  const lawn = canvas.vertical([
    [0, air.land("#93cc6a")],
    [1, air.land("#4a9148")],
  ])
  return [
    sky(setting, 66),
    land(hill(random, 60, 5), mix(air.land("#7fb89a"), air.haze, 0.3)),
    group(
      `translate(${round(x)} 0)`,
      [tower(40, 30, 9), tower(54, 26, 8), keep, tower(17, 38, 13), tower(70, 34, 13)].join(""),
    ),
    land(hill(random, 73, 2), lawn),
    path("M46 73Q50 82 38 101H68Q60 82 55 73Z", air.land("#dcc79c")),
    flowers(setting, 76, 99, 14),
  ].join("")
}

function battlements(x: number, y: number, width: number, stone: string): string {
  const count = Math.max(3, Math.round(width / 5))
  const step = width / (count * 2 - 1)
  const teeth = Array.from({ length: count }, (_, i): Pane => [x + i * 2 * step, y - 1.8, step, 2.2])
  return rectangle(x, y, width, 2.8, darker(stone, 0.1)) + rectangles(teeth, stone)
}
