/** Robot, car, boat and rocket. */

import { circle, line, path, rectangle } from "../canvas.ts"
import { darker, lighter, luminance } from "../colour.ts"
import { box, oval, type Paints, part, solid } from "./paints.ts"

export type RobotExtras = {
  readonly face?: string
  readonly top?: string
  readonly chest?: string
  readonly head?: string
}

/** 76 × 100. `head` is the head's fill where it is not the body's. */
export function robot(paints: Paints, { face, top, chest, head = paints.body }: RobotExtras = {}): string {
  const metal = paints.tone("#b9c2cf")
  const dark = paints.tone("#59626f")
  const glass = paints.tone("#1f2b3d")
  const glow = "#6ff2ff"
  return [
    line("M38 13V5", dark, 3) + circle(38, 4.5, 3, metal),
    line("M12 52Q4 58 6 70M64 52Q72 58 70 70", dark, 7),
    line("M12 52Q4 58 6 70M64 52Q72 58 70 70", metal, 4.4),
    part(oval(6, 72, 5.5), paints, metal) + part(oval(70, 72, 5.5), paints, metal),
    part(box(21, 80, 11, 15, 2), paints, metal) + part(box(44, 80, 11, 15, 2), paints, metal),
    part(box(16, 91, 19, 8.5, 4), paints, dark) + part(box(41, 91, 19, 8.5, 4), paints, dark),
    rectangle(32, 40, 12, 8, dark),
    solid(box(12, 45, 52, 38, 9), paints),
    chest ??
      part(box(26, 53, 24, 19, 3), paints, paints.tone("#e9edf2")) +
        circle(32, 59, 2.6, "#f05a4a") +
        circle(40, 59, 2.6, "#f5c33b") +
        rectangle(29.5, 65, 17, 3, dark, 'rx="1.5"'),
    part(box(6, 20, 7, 12, 3), paints, metal) + part(box(63, 20, 7, 12, 3), paints, metal),
    top ?? "",
    solid(box(12, 11, 52, 31, 10), paints, head),
    face ??
      part(box(18, 17, 40, 18, 8), paints, glass) +
        [29, 47]
          .map(
            (x) =>
              circle(x, 26, 6, glow, 'opacity="0.35"') +
              circle(x, 26, 4.2, glow) +
              circle(x + 1.2, 24.8, 1.3, "#ffffff"),
          )
          .join(""),
  ].join("")
}

/** 100 × 56. */
export function car(paints: Paints, extras: { readonly on?: string } = {}): string {
  const glass = paints.canvas.vertical([
    [0, paints.tone("#d8f1fb")],
    [1, paints.tone("#7fb7d6")],
  ])
  const wheel = (x: number) =>
    circle(x, 44, 11, paints.tone("#24262c"), `stroke="${paints.tone("#4c5058")}" stroke-width="1"`) +
    circle(x, 44, 5.4, paints.tone("#cfd6de")) +
    circle(x, 44, 2, paints.tone("#6b727c"))
  const beam = paints.isNight
    ? path(
        "M97 30L128 22V48L97 37Z",
        paints.canvas.horizontal([
          [0, "#fff3b0", 0.65],
          [1, "#fff3b0", 0],
        ]),
      )
    : ""
  return [
    beam,
    solid("M2 40Q1 27 10 25L24 22Q34 4 46 4H60Q70 4 79 21L92 25Q99 27 98 40Q98 45 94 45H6Q2 45 2 40Z", paints),
    path("M31 21Q38 9 46 9H50V21Z", glass) + path("M54 9H60Q67 9 73 21H54Z", glass),
    line("M52 22V43M8 33H92", darker(paints.plain, 0.4), 1.2, 'opacity="0.55"'),
    line("M57 28h5", paints.tone("#2a2a30"), 1.8),
    circle(94, 32, 3.4, paints.isNight ? "#fff8d0" : paints.tone("#fff3c0"), `stroke="${paints.outline}"`),
    rectangle(2.4, 29, 4, 6, paints.tone("#e23b33"), 'rx="1.5"'),
    extras.on ?? "",
    wheel(24),
    wheel(76),
  ].join("")
}

/** 100 × 92. */
export function boat(paints: Paints, extras: { readonly flag?: string; readonly on?: string } = {}): string {
  const wood = paints.tone("#8b5a34")
  const hull = luminance(paints.plain) < 0.2 ? lighter(paints.plain, 0.18) : darker(paints.plain, 0.22)
  return [
    line("M50 70V4", wood, 3),
    extras.flag ?? path("M51 3l12 4l-12 4Z", paints.tone("#f4c63a")),
    solid("M54 12Q88 34 92 62Q72 66 54 62Z", paints),
    solid("M46 18Q20 38 10 62Q30 65 46 61Z", paints),
    part("M3 68Q30 73 50 73T97 68Q93 90 78 91H22Q7 90 3 68Z", paints, hull),
    path("M5 73Q30 78 50 78T95 73L94 77Q70 82 50 82T6 77Z", paints.tone("#fff6e2")),
    extras.on ?? "",
  ].join("")
}

/** 60 × 100. */
export function rocket(paints: Paints, extras: { readonly window?: string } = {}): string {
  const fin = luminance(paints.plain) < 0.2 ? lighter(paints.plain, 0.22) : darker(paints.plain, 0.3)
  const metal = paints.tone("#c9d1db")
  return [
    path("M22 86Q30 108 38 86Z", "#ffb02e") + path("M26 86Q30 98 34 86Z", "#fff1a0"),
    part("M15 56Q2 66 2 90Q12 84 18 84Z", paints, fin) + part("M45 56Q58 66 58 90Q48 84 42 84Z", paints, fin),
    part("M20 80h20l3 8H17Z", paints, metal),
    solid("M30 2Q50 20 46 62Q45 76 42 82H18Q15 76 14 62Q10 20 30 2Z", paints),
    part("M30 2Q39 10 43.6 24H16.4Q21 10 30 2Z", paints, fin),
    part(oval(30, 40, 9.5), paints, metal),
    extras.window ??
      circle(30, 40, 6.6, paints.isNight ? "#ffe08a" : paints.tone("#7fd4f5")) + circle(27.6, 37.6, 2, "#ffffff"),
    part("M26 60h8v26h-8Z", paints, fin),
  ].join("")
}
