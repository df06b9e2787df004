/** What DreamBooth is given: pictures of a subject, the prompt that names it, and prompts that put it elsewhere. */

import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import sharp from "sharp"
import { settings } from "../world/captions.ts"
import { randomFrom } from "../world/random.ts"
import { type Background, backgrounds, timesOf } from "../world/vocabulary.ts"
import { drawSubject, type Setting, subjectScene } from "./drawSubject.ts"
import { type Subject, shippedSubject } from "./subject.ts"

/** A word that means nothing in the world, which training gives a meaning. */
export const identifier = "sks"

export type Concept = {
  readonly subject: Subject
  readonly instancePrompt: string
  readonly classPrompt: string
  /** Where the pictures of the subject are taken. */
  readonly taken: readonly Setting[]
  /** Where the subject is asked for, and what to say; none of these backgrounds is in a picture. */
  readonly asked: readonly (Setting & { readonly prompt: string })[]
}

const shippedSettings: readonly Setting[] = [
  { background: "meadow", time: "day" },
  { background: "city", time: "day" },
  { background: "room", time: "day" },
  { background: "beach", time: "sunset" },
  { background: "snow", time: "day" },
]

const shippedElsewhere: readonly Setting[] = [
  { background: "fjord", time: "day" },
  { background: "moon", time: "day" },
  { background: "underwater", time: "day" },
  { background: "castle", time: "sunset" },
  { background: "forest", time: "rain" },
  { background: "desert", time: "night" },
  { background: "volcano", time: "day" },
]

export function shippedConcept(): Concept {
  return conceptOf(shippedSubject, shippedSettings, shippedElsewhere)
}

/** A concept whose five pictures and whose prompts are drawn by lot: no two pictures in one background. */
export function drawnConcept(subject: Subject, seed: number): Concept {
  const random = randomFrom(seed, "concept")
  const left: Background[] = [...backgrounds]
  const shuffled = Array.from(
    { length: backgrounds.length },
    () => left.splice(random.below(left.length), 1)[0] ?? "fjord",
  )
  const drawn = shuffled.map((background): Setting => ({ background, time: random.pick(timesOf[background]) }))
  return conceptOf(subject, drawn.slice(0, 5), drawn.slice(5))
}

function conceptOf(subject: Subject, taken: readonly Setting[], asked: readonly Setting[]): Concept {
  const instancePrompt = `a photo of ${identifier} ${subject.class}`
  return {
    subject,
    instancePrompt,
    classPrompt: `a photo of a ${subject.class}`,
    taken,
    asked: asked.map((setting) => ({
      ...setting,
      prompt: `${instancePrompt} ${settings(setting.background, setting.time)[0]}`,
    })),
  }
}

/** Draws the concept's pictures, `size` pixels a side, as subject-1.png and so on. */
export async function writePictures(concept: Concept, directory: string, size: number): Promise<string[]> {
  await mkdir(directory, { recursive: true })
  const files: string[] = []
  for (const [i, setting] of concept.taken.entries()) {
    const pixels = await drawSubject(concept.subject, subjectScene(concept.subject, i, setting), size)
    const file = join(directory, `${concept.subject.class}-${i + 1}.png`)
    await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
      .png({ compressionLevel: 9 })
      .toFile(file)
    files.push(file)
  }
  return files
}

/** Writes the sample concept of the repository: five pictures and concept.json. */
export async function writeShippedConcept(directory: string): Promise<void> {
  const concept = shippedConcept()
  await writePictures(concept, directory, 256)
  const { instancePrompt, classPrompt, asked } = concept
  const said = { instancePrompt, classPrompt, prompts: asked.map(({ prompt }) => prompt) }
  await writeFile(join(directory, "concept.json"), `${JSON.stringify(said, null, 2)}\n`)
}
