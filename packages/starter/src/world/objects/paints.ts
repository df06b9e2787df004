/** How an object is painted: its fill, its outline, the light that falls on it. */

import type { Atmosphere } from "../atmosphere.ts"
import { type Canvas, circle, path, rectangle } from "../canvas.ts"
import { darker, lighter, luminance, mix } from "../colour.ts"
import type { Pattern } from "../vocabulary.ts"

/** Objects are drawn in boxes whose longer side is 100. */
export type Paints = {
  readonly canvas: Canvas
  /** The fill that carries the colour and the pattern. */
  readonly body: string
  /** The colour alone. */
  readonly plain: string
  readonly outline: string
  /** Light and shade over a body, from the top left. */
  readonly shade: string
  readonly isNight: boolean
  /** A colour that is not the object's own, in the light of the scene. */
  tone(colour: string): string
}

export function paintsOf(canvas: Canvas, air: Atmosphere, colour: string, pattern: Pattern, mark?: string): Paints {
  const plain = air.thing(colour)
  const isNight = air.time === "night"
  // Things on a dark land get a rim of moonlight, black ones a light edge at any time.
  const edge = luminance(plain) < 0.2 ? lighter(plain, 0.26) : darker(plain, 0.5)
  return {
    canvas,
    body: bodyFill(canvas, plain, air.thing(mark ?? markOn(colour)), pattern),
    plain,
    outline: isNight ? mix(edge, "#a9bcf5", 0.35) : edge,
    shade: canvas.slanted([
      [0, "#ffffff", 0.34],
      [0.42, "#ffffff", 0],
      [0.62, "#000000", 0],
      [1, "#000000", 0.3],
    ]),
    isNight,
    tone: (other) => air.thing(other),
  }
}

/** A shape in the object's own fill with light, shade and outline. */
export function solid(d: string, paints: Paints, fill = paints.body, outline = paints.outline): string {
  return path(d, fill) + path(d, paints.shade, `stroke="${outline}" stroke-width="2.2" stroke-linejoin="round"`)
}

/** The same in another colour, already in the light of the scene. */
export function part(d: string, paints: Paints, colour: string): string {
  return solid(d, paints, colour, luminance(colour) < 0.2 ? lighter(colour, 0.2) : darker(colour, 0.45))
}

/** An ellipse as path data, so that everything solid is a path. */
export function oval(x: number, y: number, rx: number, ry = rx): string {
  return `M${x - rx} ${y}a${rx} ${ry} 0 1 1 ${2 * rx} 0a${rx} ${ry} 0 1 1 ${-2 * rx} 0Z`
}

/** A rectangle with round corners as path data. */
export function box(x: number, y: number, width: number, height: number, r = 0): string {
  return `M${x + r} ${y}h${width - 2 * r}a${r} ${r} 0 0 1 ${r} ${r}v${height - 2 * r}a${r} ${r} 0 0 1 ${-r} ${r}h${-(width - 2 * r)}a${r} ${r} 0 0 1 ${-r} ${-r}v${-(height - 2 * r)}a${r} ${r} 0 0 1 ${r} ${-r}Z`
}

/** An eye with a spark of light. */
export function eye(x: number, y: number, radius: number, colour = "#1c1c24"): string {
  return circle(x, y, radius, colour) + circle(x + radius * 0.3, y - radius * 0.35, radius * 0.38, "#ffffff")
}

/** Stripes and dots are light on dark colours and dark on light ones. */
function markOn(colour: string): string {
  return luminance(colour) > 0.66 ? (colour === "#f7d02c" ? "#7a5a14" : "#6f7f9c") : "#fff8e6"
}

function bodyFill(canvas: Canvas, colour: string, mark: string, pattern: Pattern): string {
  if (pattern === "plain") return colour
  if (pattern === "striped")
    return canvas.pattern(22, 22, rectangle(0, 0, 22, 22, colour) + rectangle(0, 12, 22, 9, mark), "rotate(-12)")
  const dots = [
    [6, 6],
    [18, 18],
  ] as const
  return canvas.pattern(
    24,
    24,
    rectangle(0, 0, 24, 24, colour) + dots.map(([x, y]) => circle(x, y, 4.6, mark)).join(""),
  )
}
