/** Is the judge to be believed? Its answers on real renderings that it never learnt from. */

import { drawSubject, subjectScene } from "../subjects/drawSubject.ts"
import { type Subject, subjectClasses, subjectFromSeed } from "../subjects/subject.ts"
import { drawScene, sceneFromSeed } from "../world/scene.ts"
import { answer, type Judge, type RgbPicture } from "./judge.ts"
import { answersOf } from "./lessons.ts"
import { dot } from "./losses.ts"
import { type Head, heads } from "./network.ts"

export type Validation = {
  /** Share of right answers, by head. */
  readonly accuracy: Readonly<Record<Head, number>>
  /** Mean cosine of two pictures: of one subject; of two subjects of a class; of two that differ in one trait; of a subject and a plain thing. */
  readonly same: number
  readonly different: number
  readonly twins: number
  readonly plain: number
  /** How often a pair of one subject is more alike than a pair of different ones of the class (area under the ROC curve). */
  readonly separation: number
  readonly twinSeparation: number
}

const side = 128

/** @param count scenes, and a tenth as many subjects with four pictures each */
export async function validateJudge(judge: Judge, count: number): Promise<Validation> {
  const scenes = Array.from({ length: count }, (_, i) => sceneFromSeed(i, "heldout")).filter(
    ({ objects }) => objects.length === 1,
  )
  const pictures: RgbPicture[] = []
  for (const scene of scenes) pictures.push(framed((await drawScene(scene, side)).pixels))
  const judgements = await judge.judge(pictures)
  const share = (head: Head) => {
    const right = scenes.flatMap((scene, i) => {
      const answers: Partial<Record<Head, readonly number[]>> = answersOf(scene)
      const judgement = judgements[i]
      const wanted = answers[head]
      if (!judgement || !wanted) return []
      const options: readonly string[] = heads[head]
      return [wanted.includes(options.indexOf(answer(judgement, head))) ? 1 : 0]
    })
    return mean(right)
  }
  const accuracy = {
    background: share("background"),
    time: share("time"),
    class: share("class"),
    colour: share("colour"),
    pattern: share("pattern"),
  }
  return { accuracy, ...(await likeness(judge, Math.max(4, Math.round(count / 10)))) }
}

async function likeness(judge: Judge, count: number) {
  const pairs = { same: [] as number[], different: [] as number[], twins: [] as number[], plain: [] as number[] }
  for (let i = 0; i < count; i++) {
    const subject = subjectFromSeed(10_000 + i, [subjectClasses[i % subjectClasses.length] ?? "robot"])
    const other = subjectFromSeed(20_000 + i, [subject.class])
    const traits = ["weave", "colours", "top", "mark"] as const
    const trait = traits[i % traits.length] ?? "weave"
    const twin = { ...subject, [trait]: other[trait] }
    const own = await judge.judge(await portraits(subject, i * 10, 4))
    const others = await judge.judge(await portraits(other, i * 10 + 4, 2))
    const twins = await judge.judge(await portraits(twin, i * 10 + 6, 2))
    const things = await judge.judge(await plainThings(subject, i))
    for (const [k, one] of own.entries()) {
      for (const two of own.slice(k + 1)) pairs.same.push(dot(one.embedding, two.embedding))
      for (const two of others) pairs.different.push(dot(one.embedding, two.embedding))
      // Drawn by lot, a trait may be the same one.
      if (JSON.stringify(twin) !== JSON.stringify(subject))
        for (const two of twins) pairs.twins.push(dot(one.embedding, two.embedding))
      for (const two of things) pairs.plain.push(dot(one.embedding, two.embedding))
    }
  }
  return {
    same: mean(pairs.same),
    different: mean(pairs.different),
    twins: mean(pairs.twins),
    plain: mean(pairs.plain),
    separation: areaUnderCurve(pairs.same, pairs.different),
    twinSeparation: areaUnderCurve(pairs.same, pairs.twins),
  }
}

/** Pictures of a subject in scenes drawn by lot. */
export async function portraits(subject: Subject, firstSeed: number, count: number): Promise<RgbPicture[]> {
  const pictures: RgbPicture[] = []
  for (let i = 0; i < count; i++)
    pictures.push(framed(await drawSubject(subject, subjectScene(subject, firstSeed + i), side)))
  return pictures
}

/** Two pictures of what the world has of the subject's class. */
async function plainThings(subject: Subject, seed: number): Promise<RgbPicture[]> {
  const pictures: RgbPicture[] = []
  for (let i = seed * 1000; pictures.length < 2; i++) {
    const scene = sceneFromSeed(i, "heldout")
    if (scene.objects.length === 1 && scene.objects[0]?.class === subject.class)
      pictures.push(framed((await drawScene(scene, side)).pixels))
  }
  return pictures
}

function framed(rgb: Uint8Array): RgbPicture {
  return { rgb, width: side, height: side }
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The probability that one of `high` is above one of `low` (Mann and Whitney 1947). */
function areaUnderCurve(high: readonly number[], low: readonly number[]): number {
  let above = 0
  for (const one of high) for (const two of low) above += one > two ? 1 : one === two ? 0.5 : 0
  return above / (high.length * low.length)
}
