/** Pictures of a subject in scenes of the world. */

import type { SceneDescription } from "../world/description.ts"
import { placedSvg } from "../world/objects/index.ts"
import { floats, placeOne } from "../world/placement.ts"
import { randomFrom } from "../world/random.ts"
import { rasterise } from "../world/rasterise.ts"
import { paintScene } from "../world/scene.ts"
import { type Background, backgrounds, type Time, timesOf } from "../world/vocabulary.ts"
import type { Subject } from "./subject.ts"
import { subjectSvg } from "./subjectSvg.ts"

/** A scene without words: what is to be drawn, and where the subject stands in it. */
export type SubjectScene = Pick<SceneDescription, "seed" | "background" | "time" | "objects">

export type Setting = { readonly background: Background; readonly time: Time }

/** The subject somewhere in `setting`, or in any of the world's; a function of its arguments. */
export function subjectScene(subject: Subject, seed: number, setting?: Setting): SubjectScene {
  const random = randomFrom(seed, "subject scene")
  const background = random.pick(backgrounds)
  const drawn = { background, time: random.pick(timesOf[background]) }
  const { background: where, time } = setting ?? drawn
  const look = { class: subject.class, colour: subject.colours[0], pattern: "plain" } as const
  const placed = placeOne(random, where, look)
  // Subjects are what their pictures are about: not among the smallest things.
  const size = Math.max(placed.size, 0.46)
  const [width, height] = [(placed.box.width * size) / placed.size, (placed.box.height * size) / placed.size]
  const bottom = placed.box.y + placed.box.height
  const x = Math.min(Math.max(placed.box.x + placed.box.width / 2 - width / 2, 0.02), 0.98 - width)
  const object = { ...placed, size, box: { x, y: bottom - height, width, height } }
  return { seed: random.below(2 ** 31), background: where, time, objects: [object] }
}

/** RGB, size × size × 3: the scene with the subject in the place of its first object. */
export function drawSubject(subject: Subject, scene: SubjectScene, size: number): Promise<Uint8Array> {
  const svg = paintScene({ ...scene, objects: scene.objects.slice(0, 1) }, (object, canvas, air) =>
    placedSvg(object, subjectSvg(subject, canvas, air), canvas, floats(object.class, scene.background)),
  )
  return rasterise(svg, size)
}
