/** Drawing a subject: the object of its class in two-coloured cloth, with a face or an emblem and something on top. */

import type { Atmosphere } from "../world/atmosphere.ts"
import { type Canvas, circle, group, line, path, polygon, rectangle, round } from "../world/canvas.ts"
import { darker } from "../world/colour.ts"
import { bird, cat, dog, fish } from "../world/objects/animals.ts"
import { car, robot, rocket } from "../world/objects/machines.ts"
import { eye, oval, type Paints, paintsOf, part } from "../world/objects/paints.ts"
import { backpack, cup, teapot } from "../world/objects/things.ts"
import { colours } from "../world/vocabulary.ts"
import type { Subject, SubjectClass } from "./subject.ts"

type Place = readonly [x: number, y: number, scale: number]

/** Where the eyes or the emblem are, and where the head ends, in the class's own box. */
const anchors: Record<SubjectClass, { readonly mark: Place; readonly top: Place }> = {
  robot: { mark: [38, 26, 1.15], top: [38, 12, 1] },
  dog: { mark: [75, 21, 0.82], top: [70, 9, 0.9] },
  cat: { mark: [38, 30, 1.1], top: [38, 11, 0.95] },
  bird: { mark: [76, 25, 0.85], top: [72, 9, 0.9] },
  fish: { mark: [80, 28, 0.85], top: [58, 7, 0.9] },
  car: { mark: [42, 33, 0.95], top: [53, 5, 0.8] },
  teapot: { mark: [50, 50, 1.4], top: [50, 11, 0.95] },
  backpack: { mark: [41, 77, 1.2], top: [41, 15, 0.9] },
  cup: { mark: [38, 66, 1.4], top: [39, 27, 1] },
  rocket: { mark: [30, 41, 1.1], top: [30, 6, 0.8] },
}

/** The subject in a box of its class's proportions, see the world's drawings. */
export function subjectSvg(subject: Subject, canvas: Canvas, air: Atmosphere): string {
  const [first, second] = subject.colours
  const plain = paintsOf(canvas, air, colours[first], "plain")
  const paints: Paints = { ...plain, body: cloth(canvas, subject, plain.plain, plain.tone(colours[second])) }
  const { mark, top } = anchors[subject.class]
  const face = placed(mark, markSvg(subject.mark, paints))
  const onTop = placed(top, topSvg(subject.top, paints))
  switch (subject.class) {
    case "robot":
      return robot(paints, { face, top: onTop })
    case "dog":
      return dog(paints, { face: face + dogNose, onHead: onTop })
    case "cat":
      return cat(paints, { face: face + catNose, onHead: onTop })
    case "bird":
      return bird(paints, { face, onHead: onTop })
    case "fish":
      return fish(paints, { face, onHead: onTop })
    case "car":
      return car(paints, { on: face + onTop })
    case "teapot":
      return teapot(paints, { on: face, knob: onTop })
    case "backpack":
      return backpack(paints, { on: face + onTop })
    case "cup":
      return cup(paints, { on: face + onTop })
    case "rocket":
      return rocket(paints, { window: face }) + onTop
  }
}

const dogNose = path("M91 24q6 -1 8 4q-2 4 -6 3Z", "#22222a")
const catNose = path("M34.5 43h7l-3.5 4Z", "#f3a0ae")

function placed([x, y, scale]: Place, svg: string): string {
  return group(`translate(${round(x)} ${round(y)}) scale(${scale})`, svg)
}

function cloth(canvas: Canvas, { weave }: Subject, one: string, two: string): string {
  const ground = (width: number, height: number) => rectangle(0, 0, width, height, one)
  switch (weave) {
    case "stripes":
      return canvas.pattern(20, 20, ground(20, 20) + rectangle(0, 0, 20, 10, two))
    case "bands":
      return canvas.pattern(20, 20, ground(20, 20) + rectangle(0, 0, 10, 20, two), "rotate(8)")
    case "zigzag":
      return canvas.pattern(
        20,
        20,
        ground(20, 20) + path("M0 4L10 14L20 4V14L10 24L0 14Z", two) + path("M0 -6L0 -6L10 4L20 -6Z", two),
      )
    case "checks":
      return canvas.pattern(22, 22, ground(22, 22) + rectangle(0, 0, 11, 11, two) + rectangle(11, 11, 11, 11, two))
    case "rings":
      return canvas.pattern(24, 24, ground(24, 24) + circle(12, 12, 9, two) + circle(12, 12, 4, one))
  }
}

/** About (0, 0), some 24 wide. */
function markSvg({ kind, colour }: Subject["mark"], paints: Paints): string {
  const tint = paints.tone(colours[colour])
  const ink = "#1c1c24"
  switch (kind) {
    case "one eye":
      return (
        circle(0, 0, 11, "#ffffff", `stroke="${ink}" stroke-width="1.6"`) + circle(0, 0, 7.4, tint) + eye(0, 0, 3.8)
      )
    case "three eyes":
      return [-10, 0, 10]
        .map(
          (x) =>
            circle(x, x === 0 ? -4 : 2, 5.6, "#ffffff", `stroke="${ink}" stroke-width="1"`) +
            circle(x, x === 0 ? -4 : 2, 3.8, tint) +
            circle(x, x === 0 ? -4 : 2, 1.8, ink),
        )
        .join("")
    case "goggles":
      return (
        line("M-19 0H19", ink, 4) +
        [-8.5, 8.5]
          .map(
            (x) => circle(x, 0, 7.6, tint, `stroke="${ink}" stroke-width="2.4"`) + circle(x + 2, -2.4, 2.4, "#ffffff"),
          )
          .join("")
      )
    case "star":
      return part(star(11), paints, tint)
    case "heart":
      return part("M0 10Q-13 1 -10 -6Q-5 -12 0 -4Q5 -12 10 -6Q13 1 0 10Z", paints, tint)
    case "bolt":
      return part("M3 -13L-9 2H-1L-4 13L9 -3H1Z", paints, tint)
    case "smile":
      return (
        part(oval(0, 0, 11), paints, tint) +
        circle(-4, -3, 1.8, ink) +
        circle(4, -3, 1.8, ink) +
        line("M-5 3q5 6 10 0", ink, 1.8)
      )
    case "moon":
      return part("M3 -11A11 11 0 1 0 10 6A9 9 0 0 1 3 -11Z", paints, tint)
  }
}

function star(radius: number): string {
  const points = Array.from({ length: 10 }, (_, i) => {
    const [reach, angle] = [i % 2 ? radius * 0.45 : radius, (i * Math.PI) / 5]
    return `${round(reach * Math.sin(angle))} ${round(-reach * Math.cos(angle))}`
  })
  return `M${points.join("L")}Z`
}

/** Stands on (0, 0) and rises some 20. */
function topSvg({ kind, colour }: Subject["top"], paints: Paints): string {
  const tint = paints.tone(colours[colour])
  switch (kind) {
    case "antenna":
      return line("M0 2V-8", paints.tone("#59626f"), 2.6) + part(oval(0, -11, 6), paints, tint)
    case "crown":
      return part("M-13 2V-13L-6 -6L0 -16L6 -6L13 -13V2Z", paints, tint)
    case "cone":
      return part("M-10 3L0 -20L10 3Q0 7 -10 3Z", paints, tint) + circle(0, -20, 3.4, "#ffffff")
    case "flower":
      return (
        [0, 1, 2, 3, 4]
          .map((i) =>
            circle(
              round(6.2 * Math.sin(i * 1.2566)),
              round(-7 - 6.2 * Math.cos(i * 1.2566)),
              4.8,
              tint,
              `stroke="${darker(tint, 0.4)}" stroke-width="0.9"`,
            ),
          )
          .join("") + circle(0, -7, 3.8, paints.tone("#ffe27a"))
      )
    case "propeller":
      return (
        line("M0 2V-9", paints.tone("#59626f"), 2.6) +
        polygon(
          [
            [-19, -12],
            [-1, -10],
            [-1, -8],
            [-18, -6],
          ],
          tint,
        ) +
        polygon(
          [
            [19, -12],
            [1, -10],
            [1, -8],
            [18, -6],
          ],
          darker(tint, 0.2),
        ) +
        circle(0, -9, 2.6, paints.tone("#3a3f4a"))
      )
  }
}
