/** What the judge learns from: scenes of the held-out split, and pairs of pictures of odd subjects. */

import { drawSubject, type SubjectScene, subjectScene } from "../subjects/drawSubject.ts"
import { type Subject, subjectFromSeed } from "../subjects/subject.ts"
import type { SceneDescription } from "../world/description.ts"
import { type Random, randomFrom } from "../world/random.ts"
import { rasterise } from "../world/rasterise.ts"
import { sceneFromSeed, sceneSvg } from "../world/scene.ts"
import { augment, toPlanes } from "./augment.ts"
import type { Truth } from "./losses.ts"
import { heads, judgeSize } from "./network.ts"

type Picture = { readonly pixels: Uint8Array; readonly answers: Truth["answers"] }

export type Lessons = {
  readonly scenes: readonly Picture[]
  /** By group, subject and picture: four subjects of a class, some of them near twins. */
  readonly groups: readonly (readonly (readonly Picture[])[])[]
}

/** Seeds of scenes and subjects from here on are the judge's to learn from; it is tested on those below. */
const firstSeed = 1_000_000
const picturesPerSubject = 3

export type LessonPlan = {
  /** Rounds share no scene and no subject. */
  readonly round: number
  readonly scenes: number
  /** Groups of four subjects with three pictures each. */
  readonly groups: number
}

/** Draws what the plan says; `progress` is told how much is done, 0..1. */
export async function drawLessons(
  { round, scenes: sceneCount, groups: groupCount }: LessonPlan,
  progress: (share: number) => void,
): Promise<Lessons> {
  const start = firstSeed * (round + 1)
  const scenes: Picture[] = []
  const groups: Picture[][][] = []
  const total = sceneCount + groupCount * 4 * picturesPerSubject
  for (let i = 0; i < sceneCount; i++) {
    scenes.push(await scenePicture(sceneFromSeed(start + i, "heldout")))
    if (i % 500 === 0) progress(i / total)
  }
  for (let i = 0; i < groupCount; i++) {
    const group: Picture[][] = []
    for (const [k, subject] of kin(start + 3 * i).entries()) {
      const pictures: Picture[] = []
      for (let n = 0; n < picturesPerSubject; n++)
        pictures.push(await subjectPicture(subject, subjectScene(subject, start + (i * 4 + k) * 8 + n)))
      group.push(pictures)
    }
    groups.push(group)
    if (i % 50 === 0) progress((sceneCount + i * 4 * picturesPerSubject) / total)
  }
  return { scenes, groups }
}

async function scenePicture(scene: SceneDescription): Promise<Picture> {
  return { pixels: await rasterise(sceneSvg(scene), judgeSize), answers: answersOf(scene) }
}

async function subjectPicture(subject: Subject, scene: SubjectScene): Promise<Picture> {
  // Its colours and patterns are not those that the world has words for.
  const { background, time, class: kind } = answersOf(scene)
  return {
    pixels: await drawSubject(subject, scene, judgeSize),
    answers: { ...(background && { background }), ...(time && { time }), ...(kind && { class: kind }) },
  }
}

/** The right answers to what a judge is asked about a scene. */
export function answersOf({ background, time, objects }: Pick<SceneDescription, "background" | "time" | "objects">) {
  return {
    background: [heads.background.indexOf(background)],
    // A bright and a dark moon are not told apart by words.
    ...(background === "moon" ? {} : { time: [heads.time.indexOf(time)] }),
    class: unique(objects.map((object) => heads.class.indexOf(object.class))),
    colour: unique(objects.map((object) => heads.colour.indexOf(object.colour))),
    pattern: unique(objects.map((object) => heads.pattern.indexOf(object.pattern))),
  } satisfies Truth["answers"]
}

const unique = (numbers: readonly number[]) => [...new Set(numbers)]

/** Four subjects of one class: one, two that differ from it in a single trait, and another. */
function kin(seed: number): Subject[] {
  const one = subjectFromSeed(seed)
  const [second, third] = [subjectFromSeed(seed + 1, [one.class]), subjectFromSeed(seed + 2, [one.class])]
  const random = randomFrom(seed, "kin")
  return [one, mixed(one, second, random), mixed(one, third, random), third]
}

/** `subject` with one trait of `other`. */
function mixed(subject: Subject, other: Subject, random: Random): Subject {
  const trait = random.pick(["weave", "colours", "top", "mark"] as const)
  return { ...subject, [trait]: other[trait] }
}

/** Of `groupCount` groups two pictures of each of the four subjects, the rest scenes: pixels [batchRows, 3, 64, 64]. */
export function drawBatch({ scenes, groups }: Lessons, groupCount: number, random: Random) {
  const rows: { picture: Picture; subject: number | undefined }[] = []
  for (let i = 0; i < batchRows - 8 * groupCount; i++) rows.push({ picture: random.pick(scenes), subject: undefined })
  for (let g = 0; g < groupCount; g++)
    for (const [k, pictures] of random.pick(groups).entries()) {
      const first = random.below(pictures.length)
      const second = (first + 1 + random.below(pictures.length - 1)) % pictures.length
      for (const at of [first, second]) {
        const picture = pictures[at]
        if (picture) rows.push({ picture, subject: g * 4 + k })
      }
    }
  const length = 3 * judgeSize * judgeSize
  const pixels = new Float32Array(rows.length * length)
  for (const [i, { picture }] of rows.entries()) {
    const planes = toPlanes(picture.pixels, judgeSize, pixels.subarray(i * length, (i + 1) * length))
    augment(planes, judgeSize, random)
  }
  return { pixels, truths: rows.map(({ picture, subject }): Truth => ({ answers: picture.answers, subject })) }
}

/** Rows of a batch of `drawBatch`. */
export const batchRows = 64
