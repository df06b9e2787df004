/** House and tree. */

import { circle, line, path, rectangle } from "../canvas.ts"
import { darker, lighter } from "../colour.ts"
import { box, type Paints, part, solid } from "./paints.ts"

/** 100 × 98. */
export function house(paints: Paints): string {
  const roof = paints.tone("#4a4f5e")
  const frame = paints.tone("#fffaf0")
  const glass = paints.isNight ? "#ffdc7a" : paints.tone("#9fd6f2")
  const wood = paints.tone("#7a4f33")
  const window = (x: number) =>
    rectangle(x, 54, 17, 17, frame) +
    rectangle(x + 2, 56, 13, 13, glass) +
    line(`M${x + 8.5} 56v13M${x + 2} 62.5h13`, frame, 1.6)
  return [
    part(box(68, 10, 11, 24), paints, paints.tone("#9a5a48")),
    solid("M12 46L50 14L88 46V97H12Z", paints),
    part("M50 4L98 44L91 52L50 18L9 52L2 44Z", paints, roof),
    window(19),
    window(64),
    circle(50, 37, 6, frame) + circle(50, 37, 4, glass),
    part(box(41, 66, 18, 31, 2), paints, wood) + circle(55, 83, 1.6, paints.tone("#f5cf63")),
    rectangle(38, 95.5, 24, 2.5, paints.tone("#b8b2a8")),
  ].join("")
}

/** 86 × 100: a round crown on a trunk. */
export function tree(paints: Paints, extras: { readonly on?: string } = {}): string {
  const trunk = paints.tone("#7d5334")
  return [
    part("M36 99Q40 84 38 58H49Q48 84 52 99Q43 96 36 99Z", paints, trunk),
    line("M43 72Q34 66 30 58M44 66Q54 62 58 56", darker(trunk, 0.15), 4),
    solid("M43 2Q60 2 64 16Q82 18 82 36Q88 56 68 62Q58 74 43 68Q28 74 18 62Q-2 56 4 36Q4 18 22 16Q26 2 43 2Z", paints),
    path("M22 22Q28 10 40 9Q28 16 26 27Q12 30 12 44Q6 28 22 22Z", lighter(paints.plain, 0.5), 'opacity="0.35"'),
    extras.on ?? "",
  ].join("")
}
