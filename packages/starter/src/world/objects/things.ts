/** Ball, cup, backpack, teapot, hat and umbrella. */

import { circle, ellipse, line, path } from "../canvas.ts"
import { darker, lighter, luminance } from "../colour.ts"
import { box, oval, type Paints, part, solid } from "./paints.ts"

/** The colour of lids, pockets and brims: the object's own, told apart from it. */
function trim(paints: Paints): string {
  return luminance(paints.plain) < 0.2 ? lighter(paints.plain, 0.22) : darker(paints.plain, 0.25)
}

/** 100 × 100. */
export function ball(paints: Paints): string {
  const gloss = paints.canvas.radial([
    [0, "#ffffff", 0.85],
    [1, "#ffffff", 0],
  ])
  const depth = paints.canvas.radial(
    [
      [0.4, "#000000", 0],
      [1, "#000000", 0.38],
    ],
    [0.4, 0.36],
  )
  return solid(oval(50, 50, 48), paints) + circle(50, 50, 47, depth) + ellipse(36, 30, 17, 13, gloss)
}

/** 96 × 100: a mug with steam. */
export function cup(paints: Paints, extras: { readonly on?: string } = {}): string {
  return [
    line("M30 22q-5 -6 0 -11t0 -9M46 22q-5 -6 0 -11t0 -9", "#ffffff", 3.4, 'opacity="0.75"'),
    line("M68 46Q92 42 91 60Q90 78 64 78", paints.outline, 11.5),
    line("M68 46Q92 42 91 60Q90 78 64 78", paints.plain, 7.5),
    solid("M6 32H72L69 90Q68 98 60 98H18Q10 98 9 90Z", paints),
    ellipse(39, 32, 33, 7, trim(paints), `stroke="${paints.outline}" stroke-width="2"`),
    ellipse(39, 33, 28, 4.8, paints.tone("#5b3420")),
    extras.on ?? "",
  ].join("")
}

/** 82 × 100. */
export function backpack(paints: Paints, extras: { readonly on?: string } = {}): string {
  const strap = trim(paints)
  const buckle = paints.tone("#f2cf63")
  return [
    line("M29 16Q29 3 41 3Q53 3 53 16", strap, 5),
    part(box(1, 56, 14, 32, 6), paints, strap) + part(box(67, 56, 14, 32, 6), paints, strap),
    solid("M9 42Q9 12 41 12Q73 12 73 42V90Q73 98 65 98H17Q9 98 9 90Z", paints),
    part("M13 40Q13 22 41 22Q69 22 69 40V46Q41 56 13 46Z", paints, strap),
    part(box(19, 62, 44, 29, 6), paints, strap),
    line("M24 70H58", lighter(strap, 0.45), 2.2),
    part(box(36, 46, 10, 12, 2.5), paints, buckle),
    extras.on ?? "",
  ].join("")
}

/** 100 × 78. */
export function teapot(paints: Paints, extras: { readonly on?: string; readonly knob?: string } = {}): string {
  const lid = trim(paints)
  return [
    line("M24 30Q3 26 4 44Q5 60 26 60", paints.outline, 10),
    line("M24 30Q3 26 4 44Q5 60 26 60", paints.plain, 6.4),
    solid("M72 58Q86 54 86 34Q86 26 97 22L99 27Q94 32 94 42Q92 64 72 70Z", paints, paints.plain),
    solid("M50 18Q84 20 82 50Q80 76 62 76H38Q20 76 18 50Q16 20 50 18Z", paints),
    part("M28 23Q32 10 50 10Q68 10 72 23Q50 29 28 23Z", paints, lid),
    extras.knob ?? part(oval(50, 6.5, 5.5), paints, lid),
    extras.on ?? "",
  ].join("")
}

/** 100 × 72: a hat with a brim and a ribbon. */
export function hat(paints: Paints, extras: { readonly on?: string; readonly ribbon?: string } = {}): string {
  const ribbon = paints.tone(extras.ribbon ?? (luminance(paints.plain) > 0.5 ? "#3b3f52" : "#f5e6c4"))
  return [
    solid("M2 58Q20 46 50 46T98 58Q98 70 50 70T2 58Z", paints),
    solid("M22 54Q20 24 26 10Q30 2 40 5Q50 9 60 5Q70 2 74 10Q80 24 78 54Q50 64 22 54Z", paints),
    path("M21.6 42Q50 53 78.4 42L78 54Q50 64 22 54Z", ribbon),
    line("M24 55Q50 65 76 55", darker(paints.plain, 0.4), 1.4, 'opacity="0.6"'),
    extras.on ?? "",
  ].join("")
}

/** 100 × 96. */
export function umbrella(paints: Paints, extras: { readonly on?: string } = {}): string {
  const wood = paints.tone("#8b5a34")
  return [
    line("M50 40V84Q50 94 59 94Q67 94 67 86", darker(wood, 0.4), 6),
    line("M50 40V84Q50 94 59 94Q67 94 67 86", wood, 3.8),
    line("M50 8V2", darker(wood, 0.2), 3.4),
    solid("M2 52Q4 8 50 7Q96 8 98 52Q90 43 82 52Q74 43 66 52Q58 43 50 52Q42 43 34 52Q26 43 18 52Q10 43 2 52Z", paints),
    line(
      "M50 8Q34 24 34 50M50 8Q66 24 66 50M50 8Q20 18 18 50M50 8Q80 18 82 50",
      darker(paints.plain, 0.4),
      1.3,
      'opacity="0.6"',
    ),
    extras.on ?? "",
  ].join("")
}
