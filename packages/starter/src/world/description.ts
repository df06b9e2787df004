/** What a scene is, before it is drawn. */

import type { Background, Colour, ObjectClass, Pattern, Time } from "./vocabulary.ts"

/** In parts of the picture's side, (0, 0) at the top left. */
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

export type Look = { readonly class: ObjectClass; readonly colour: Colour; readonly pattern: Pattern }

/** `size` is the longer side of the box. */
export type PlacedObject = Look & { readonly size: number; readonly box: Box; readonly flipped: boolean }

export type SceneDescription = {
  /** Decides the details that have no words: clouds, stars, the shapes of mountains. */
  readonly seed: number
  readonly background: Background
  readonly time: Time
  /** One or two, from left to right. */
  readonly objects: readonly PlacedObject[]
  /** The caption drawn for this scene, one of `captions`. */
  readonly caption: string
  /** Every way to say what is in the picture, from a full sentence to the bare noun. */
  readonly captions: readonly string[]
}
