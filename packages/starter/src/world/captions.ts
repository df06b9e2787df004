/** What a scene is called: several templates, from a full sentence to the bare noun. */

import type { SceneDescription } from "./description.ts"
import { moments, type ObjectClass, places } from "./vocabulary.ts"

type Said = Pick<SceneDescription, "background" | "time" | "objects">

/** All captions of a scene, without repetitions. */
export function captionsOf({ background, time, objects }: Said): string[] {
  const captions = new Set<string>()
  for (const noun of nouns(objects)) {
    for (const place of places[background]) {
      for (const moment of moments[time]) {
        const where = moment === "" ? place : `${place} ${moment}`
        captions.add(`${noun} ${where}`)
        captions.add(`a photo of ${noun} ${where}`)
        captions.add(`a picture of ${noun} ${where}`)
      }
    }
    captions.add(`a photo of ${noun}`)
  }
  return [...captions]
}

function nouns(objects: SceneDescription["objects"]): string[] {
  const [first, second] = objects
  if (first === undefined) return ["nothing"]
  if (second === undefined) return [withArticle(full(first)), withArticle(first.class)]
  if (full(first) === full(second))
    return [`two ${full({ ...first }, plural(first.class))}`, `two ${plural(first.class)}`]
  const [left, right] = [withArticle(full(first)), withArticle(full(second))]
  return [
    `${left} and ${right}`,
    `${left} to the left of ${right}`,
    `${right} to the right of ${left}`,
    `${left} next to ${right}`,
    `${withArticle(first.class)} and ${withArticle(second.class)}`,
  ]
}

function full(object: SceneDescription["objects"][number], noun: string = object.class): string {
  return object.pattern === "plain" ? `${object.colour} ${noun}` : `${object.pattern} ${object.colour} ${noun}`
}

/** "an orange umbrella", "a red boat". */
export function withArticle(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`
}

function plural(noun: ObjectClass): string {
  return noun === "fish" ? "fish" : `${noun}s`
}
