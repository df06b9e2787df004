/** Sky, sun and moon, stars, clouds, rain. */

import type { Atmosphere } from "../atmosphere.ts"
import { type Canvas, circle, group, line, rectangle, round, spots } from "../canvas.ts"
import { mix } from "../colour.ts"
import type { Random } from "../random.ts"

/** What every background is drawn with. */
export type Setting = { readonly canvas: Canvas; readonly air: Atmosphere; readonly random: Random }

/** The sky down to `horizon`, with what shines in it. */
export function sky({ canvas, air, random }: Setting, horizon: number): string {
  const [top, middle, bottom] = air.sky
  const fill = canvas.vertical([
    [0, mix(top, middle, random.between(0, 0.35))],
    [0.55, middle],
    [1, bottom],
  ])
  const parts = [rectangle(0, 0, 100, horizon + 1, fill)]
  const x = random.between(14, 86)
  if (air.time === "night") parts.push(stars(random, horizon, 45), moon(canvas, random, x, random.between(11, 24)))
  if (air.time === "sunset") parts.push(sun(canvas, x, horizon - random.between(5, 15), 8, "#fff3c4", "#ffb45a"))
  if (air.time === "day" && random.chance(0.6))
    parts.push(sun(canvas, x, random.between(10, 20), 6, "#fffdf0", "#fff2b0"))
  const clouds = { day: 3, night: 1, sunset: 3, rain: 6 }[air.time]
  for (let i = 0; i < clouds; i++) parts.push(cloud(canvas, air, random, (i + random.next()) * (100 / clouds), horizon))
  return parts.join("")
}

export function stars(random: Random, depth: number, count: number): string {
  return [0.55, 0.8, 1]
    .map((opacity) =>
      spots(
        Array.from({ length: count / 3 }, () => ({
          x: random.between(0, 100),
          y: random.between(0, depth),
          rx: random.between(0.2, 0.6),
        })),
        "#fff",
        `opacity="${opacity}"`,
      ),
    )
    .join("")
}

function sun(canvas: Canvas, x: number, y: number, radius: number, disc: string, glow: string): string {
  const halo = canvas.radial([
    [0, glow, 0.85],
    [0.35, glow, 0.35],
    [1, glow, 0],
  ])
  return circle(x, y, radius * 4, halo) + circle(x, y, radius, disc)
}

function moon(canvas: Canvas, random: Random, x: number, y: number): string {
  const halo = canvas.radial([
    [0, "#cfdcff", 0.55],
    [1, "#cfdcff", 0],
  ])
  const disc =
    circle(x, y, 6.5, "#f6f1d8") + circle(x - 2, y - 1.5, 1.5, "#e2dcc0") + circle(x + 2.2, y + 2, 1.1, "#e2dcc0")
  const crescent = `<path d="M${round(x - 1)} ${round(y - 6.5)}a6.5 6.5 0 1 0 6.5 9 a5.4 5.4 0 0 1 -6.5 -9Z" fill="#f6f1d8"/>`
  return circle(x, y, 18, halo) + (random.chance(0.5) ? disc : crescent)
}

function cloud(canvas: Canvas, air: Atmosphere, random: Random, x: number, horizon: number): string {
  const [light, shadow] = {
    day: ["#ffffff", "#dcecf8"],
    night: ["#3a5290", "#2a3f78"],
    sunset: ["#ffd0b0", "#e88a92"],
    rain: ["#8996a1", "#5d6974"],
  }[air.time] as [string, string]
  const fill = canvas.vertical([
    [0, light],
    [1, shadow],
  ])
  const puffs = spots(
    [
      { x: 0, y: 0, rx: 11, ry: 2.6 },
      { x: -4, y: -2, rx: 3.4 },
      { x: 2, y: -3.2, rx: 4.6 },
      { x: 6.5, y: -1.2, rx: 2.8 },
    ],
    fill,
  )
  const y = air.time === "rain" ? random.between(4, 18) : random.between(7, horizon * 0.55)
  const scale = random.between(0.6, air.time === "rain" ? 1.8 : 1.15)
  const opacity = air.time === "night" ? 0.5 : 0.94
  return group(`translate(${round(x)} ${round(y)}) scale(${round(scale)})`, puffs, `opacity="${opacity}"`)
}

/** Falling rain over a part of the picture. */
export function rain(random: Random, area = { x: 0, y: 0, width: 100, height: 100 }, count = 70): string {
  const drops = Array.from({ length: count }, () => {
    const x = area.x + random.next() * area.width
    const y = area.y + random.next() * area.height
    const length = random.between(3.5, 7)
    return `M${round(x)} ${round(y)}l${round(-length * 0.28)} ${round(length)}`
  })
  return line(drops.join(""), "#e6f1fa", 0.55, 'opacity="0.62"')
}
