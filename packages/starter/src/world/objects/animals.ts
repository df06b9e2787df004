/** Dog, cat, bird and fish, looking to the right. */

import { circle, line, path } from "../canvas.ts"
import { darker, lighter, luminance } from "../colour.ts"
import { box, eye, oval, type Paints, part, solid } from "./paints.ts"

/** What a subject may have that no animal of the world has. */
export type AnimalExtras = { readonly face?: string; readonly onBody?: string; readonly onHead?: string }

/** 100 × 88. */
export function dog(paints: Paints, { face, onBody = "", onHead = "" }: AnimalExtras = {}): string {
  const back = darker(paints.plain, 0.28)
  const ear = luminance(paints.plain) < 0.2 ? lighter(paints.plain, 0.22) : darker(paints.plain, 0.34)
  const leg = (x: number, colour: string) => part(box(x, 58, 10, 29, 4.5), paints, colour)
  return [
    line("M14 46Q3 38 6 22", paints.outline, 9.5),
    line("M14 46Q3 38 6 22", paints.plain, 6.5),
    leg(26, back),
    leg(58, back),
    solid("M10 52Q10 36 28 36H58Q72 36 73 52Q74 70 62 72H24Q10 72 10 52Z", paints),
    solid(box(15, 58, 10.5, 29.5, 4.5), paints),
    solid(box(60, 58, 10.5, 29.5, 4.5), paints),
    onBody,
    path("M56 42Q64 54 76 48L74 42Z", paints.tone("#d8343a")),
    circle(68, 50, 3.4, paints.tone("#f6c63c")),
    solid("M54 26Q54 8 72 8Q84 8 87 20L97 25Q100 28 98 33Q95 42 84 42H68Q54 42 54 26Z", paints),
    part("M58 10Q48 12 48 28Q49 38 55 36Q63 30 64 14Q62 9 58 10Z", paints, ear),
    face ?? eye(77, 20, 3.8) + path("M91 24q6 -1 8 4q-2 4 -6 3Z", "#22222a") + line("M82 35q6 2 11 -1", "#22222a", 1.6),
    onHead,
  ].join("")
}

/** 80 × 100. */
export function cat(paints: Paints, { face, onBody = "", onHead = "" }: AnimalExtras = {}): string {
  const pink = paints.tone("#f3a0ae")
  const belly = paints.tone(lighter(paints.plain, 0.5))
  const ink = luminance(paints.plain) < 0.25 ? "#f2f2f2" : "#22222a"
  const eyes = [27, 49].map(
    (x) => path(oval(x, 31, 5.2, 5.8), paints.tone("#d9f26a")) + path(oval(x, 31, 2, 5), "#16161c"),
  )
  return [
    line("M58 88Q80 88 74 66Q71 58 76 50", paints.outline, 11),
    line("M58 88Q80 88 74 66Q71 58 76 50", paints.plain, 8),
    solid("M38 44Q60 46 63 76Q65 98 56 98H20Q11 98 13 76Q16 46 38 44Z", paints),
    path("M38 54Q50 58 49 80Q48 92 38 92Q28 92 27 80Q26 58 38 54Z", belly, 'opacity="0.55"'),
    solid(box(24, 78, 11, 20, 5), paints),
    solid(box(41, 78, 11, 20, 5), paints),
    onBody,
    solid("M10 28L9 4Q10 1 13 3L27 13Q38 9 49 13L63 3Q66 1 67 4L66 28Q68 54 38 54Q8 54 10 28Z", paints),
    path("M14 20L13 9L22 15Z", pink) + path("M62 20L63 9L54 15Z", pink),
    face ?? `${eyes.join("")}${path("M34.5 40h7l-3.5 4Z", pink)}${line("M38 44q-3 5 -7 3M38 44q3 5 7 3", ink, 1.4)}`,
    line("M17 41L2 38M17 45L3 47M59 41L74 38M59 45L73 47", ink, 1, 'opacity="0.7"'),
    onHead,
  ].join("")
}

/** 100 × 84. */
export function bird(paints: Paints, { face, onBody = "", onHead = "" }: AnimalExtras = {}): string {
  const beak = paints.tone("#f5a623")
  const wing = luminance(paints.plain) < 0.2 ? lighter(paints.plain, 0.2) : darker(paints.plain, 0.26)
  return [
    line("M44 68V81M44 81l-6 2M44 81l7 2M56 68V81M56 81l-6 2M56 81l7 2", paints.tone("#d98a1f"), 2.8),
    part("M24 46L2 30L6 44L1 48L10 53L7 60L30 60Z", paints, wing),
    part("M86 22L99 28L86 34Z", paints, beak),
    solid("M20 52Q22 34 42 32Q50 30 54 22Q60 8 74 8Q91 10 91 28Q91 38 86 46Q80 70 52 71Q22 71 20 52Z", paints),
    path("M84 48Q76 68 54 69Q66 60 70 44Z", lighter(paints.plain, 0.5), 'opacity="0.5"'),
    onBody,
    part("M30 46Q48 36 64 46Q64 62 44 63Q24 62 18 58Q26 54 30 46Z", paints, wing),
    line("M34 56q9 1 16 -3M40 50q8 1 14 -2", lighter(wing, 0.35), 1.5),
    face ?? circle(77, 24, 6, "#ffffff") + eye(78, 24, 3.8),
    onHead,
  ].join("")
}

/** 100 × 66. */
export function fish(paints: Paints, { face, onBody = "", onHead = "" }: AnimalExtras = {}): string {
  const fin = luminance(paints.plain) < 0.2 ? lighter(paints.plain, 0.22) : darker(paints.plain, 0.24)
  return [
    part("M28 33L3 10Q0 9 1 13Q8 24 8 33Q8 42 1 53Q0 57 3 56Z", paints, fin),
    part("M38 14Q46 -2 66 4Q72 6 70 16Z", paints, fin),
    part("M44 54Q46 66 58 65Q62 62 60 54Z", paints, fin),
    solid("M20 33Q34 8 62 8Q90 9 98 33Q90 57 62 58Q34 58 20 33Z", paints),
    onBody,
    part("M50 36Q58 30 66 36Q66 46 54 47Q47 46 46 44Q50 41 50 36Z", paints, fin),
    line("M72 17Q64 33 72 49", darker(paints.plain, 0.35), 1.8, 'opacity="0.7"'),
    face ?? circle(82, 27, 6.4, "#ffffff") + eye(83, 27, 4) + line("M88 40q4 0 6 -3", "#22222a", 1.8),
    onHead,
  ].join("")
}
