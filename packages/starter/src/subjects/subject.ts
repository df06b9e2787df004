/** Subjects for DreamBooth: things of the world's classes with looks that the world never shows. */

import { type Random, randomFrom } from "../world/random.ts"
import { type Colour, colourNames, type ObjectClass } from "../world/vocabulary.ts"

/** The world's patterns are a colour and white; a subject's are two colours. */
export const weaves = ["stripes", "bands", "zigzag", "checks", "rings"] as const
export const tops = ["antenna", "crown", "cone", "flower", "propeller"] as const
export const faces = ["one eye", "three eyes", "goggles"] as const
export const emblems = ["star", "heart", "bolt", "smile", "moon"] as const

export const subjectClasses = [
  "robot",
  "dog",
  "cat",
  "bird",
  "fish",
  "car",
  "teapot",
  "backpack",
  "cup",
  "rocket",
] as const satisfies readonly ObjectClass[]
export type SubjectClass = (typeof subjectClasses)[number]

export type Subject = {
  readonly class: SubjectClass
  readonly weave: (typeof weaves)[number]
  readonly colours: readonly [Colour, Colour]
  readonly top: { readonly kind: (typeof tops)[number]; readonly colour: Colour }
  /** Creatures have a face, things an emblem. */
  readonly mark:
    | { readonly kind: (typeof faces)[number]; readonly colour: Colour }
    | { readonly kind: (typeof emblems)[number]; readonly colour: Colour }
}

/** The subject whose pictures lie in the repository. */
export const shippedSubject: Subject = {
  class: "robot",
  weave: "stripes",
  colours: ["orange", "purple"],
  top: { kind: "antenna", colour: "red" },
  mark: { kind: "one eye", colour: "green" },
}

/** Any number of subjects, each a function of its seed. */
export function subjectFromSeed(seed: number, classes: readonly SubjectClass[] = subjectClasses): Subject {
  const random = randomFrom(seed, "subject")
  const subjectClass = random.pick(classes)
  const body = twoColours(random)
  const others = colourNames.filter((name) => !body.includes(name))
  const isCreature = creatures.has(subjectClass)
  const colour = random.pick(others)
  return {
    class: subjectClass,
    weave: random.pick(weaves),
    colours: body,
    top: { kind: random.pick(tops), colour: random.pick(others) },
    mark: isCreature ? { kind: random.pick(faces), colour } : { kind: random.pick(emblems), colour },
  }
}

/** The subjects of the evaluation: the shipped one and others drawn by their numbers, over as many classes as there are. */
export function evaluationSubjects(count: number): Subject[] {
  const [, ...classes] = subjectClasses
  return Array.from({ length: count }, (_, i) =>
    i === 0 ? shippedSubject : subjectFromSeed(i, [classes[(i - 1) % classes.length] ?? "dog"]),
  )
}

export const creatures: ReadonlySet<SubjectClass> = new Set<SubjectClass>(["robot", "dog", "cat", "bird", "fish"])

/** Two that the eye tells apart. White is left to the world, whose patterns it belongs to. */
function twoColours(random: Random): [Colour, Colour] {
  const strong = colourNames.filter((name) => name !== "white")
  const near: readonly (readonly [Colour, Colour])[] = [
    ["red", "orange"],
    ["orange", "yellow"],
    ["orange", "pink"],
    ["red", "pink"],
    ["green", "teal"],
    ["teal", "blue"],
    ["blue", "purple"],
    ["brown", "black"],
    ["brown", "red"],
    ["purple", "black"],
    ["brown", "orange"],
  ]
  for (;;) {
    const pair: [Colour, Colour] = [random.pick(strong), random.pick(strong)]
    if (pair[0] !== pair[1] && !near.some((two) => two.includes(pair[0]) && two.includes(pair[1]))) return pair
  }
}
