/** What a scene is called: several templates, from a full sentence to the bare noun. */

import type { PlacedObject, SceneDescription } from "./description.ts"
import { type Background, moments, type ObjectClass, places, type Time } from "./vocabulary.ts"

type Said = Pick<SceneDescription, "background" | "time" | "objects">

/** All captions of a scene, without repetitions; the full ones outnumber the short ones. */
export function captionsOf({ background, time, objects }: Said): string[] {
  const captions = new Set<string>()
  const scenes = settings(background, time)
  const [full = "", ...others] = nouns(objects)
  for (const where of scenes) {
    captions.add(`a photo of ${full} ${where}`)
    captions.add(`${full} ${where}`)
    for (const other of others) captions.add(`a photo of ${other} ${where}`)
  }
  const [where = ""] = scenes
  captions.add(`a picture of ${full} ${where}`)
  captions.add(`${where}, ${full}`)
  for (const other of others) captions.add(`${other} ${where}`)
  captions.add(`a photo of ${full}`)
  captions.add(`a photo of ${others.at(-1) ?? full}`)
  return [...captions]
}

/** Where and when, in words; the usual way first. */
export function settings(background: Background, time: Time): string[] {
  return places[background].flatMap((place) =>
    moments[time].map((moment) => (moment === "" ? place : `${place} ${moment}`)),
  )
}

/** What is in the picture: the fullest description first, the bare nouns last. */
function nouns(objects: readonly PlacedObject[]): string[] {
  const [first, second] = objects
  if (first === undefined) return []
  if (second === undefined) return oneNoun(first)
  const [left, right] = [describe(first), describe(second)]
  if (left === right) return [`two ${plural(first)}`, `two ${plurals[first.class]}`]
  return [
    `${withArticle(left)} and ${withArticle(right)}`,
    `${withArticle(left)} next to ${withArticle(right)}`,
    `${withArticle(left)} to the left of ${withArticle(right)}`,
    `${withArticle(right)} to the right of ${withArticle(left)}`,
    `${withArticle(first.class)} and ${withArticle(second.class)}`,
  ]
}

function oneNoun(object: PlacedObject): string[] {
  const noun = describe(object)
  const centre = object.box.x + object.box.width / 2
  const names = [withArticle(noun)]
  if (object.size < 0.42) names.push(`a small ${noun}`)
  if (object.size > 0.58) names.push(`a big ${noun}`)
  if (centre < 0.38) names.push(`${withArticle(noun)} on the left`)
  if (centre > 0.62) names.push(`${withArticle(noun)} on the right`)
  return [...names, withArticle(object.class)]
}

/** "striped red boat"; a plain thing is just "red boat". */
function describe(object: PlacedObject, noun: string = object.class): string {
  return object.pattern === "plain" ? `${object.colour} ${noun}` : `${object.pattern} ${object.colour} ${noun}`
}

/** "an orange umbrella", "a red boat". */
export function withArticle(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`
}

function plural(object: PlacedObject): string {
  return describe(object, plurals[object.class])
}

export const plurals: Record<ObjectClass, string> = {
  boat: "boats",
  house: "houses",
  tree: "trees",
  car: "cars",
  robot: "robots",
  dog: "dogs",
  cat: "cats",
  bird: "birds",
  fish: "fish",
  ball: "balls",
  cup: "cups",
  backpack: "backpacks",
  teapot: "teapots",
  hat: "hats",
  rocket: "rockets",
  umbrella: "umbrellas",
}
