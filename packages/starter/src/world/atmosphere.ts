/** What a time of day or a weather does to light and colours. */

import { mix } from "./colour.ts"
import type { Time } from "./vocabulary.ts"

export type Atmosphere = {
  readonly time: Time
  /** Colours of the sky from its top to the horizon. */
  readonly sky: readonly [string, string, string]
  /** What the distance fades to. */
  readonly haze: string
  /** The light that falls on the land. */
  land(colour: string): string
  /** The light that falls on things: weaker, so that their colours can still be told apart. */
  thing(colour: string): string
}

type Light = { readonly colour: string; readonly onLand: number; readonly onThings: number }

const lights: Record<Time, Light> = {
  day: { colour: "#ffffff", onLand: 0, onThings: 0 },
  night: { colour: "#0d1c55", onLand: 0.6, onThings: 0.14 },
  sunset: { colour: "#e0643c", onLand: 0.3, onThings: 0.1 },
  rain: { colour: "#5b6976", onLand: 0.42, onThings: 0.12 },
}

const skies: Record<Time, readonly [string, string, string]> = {
  day: ["#3f9be6", "#86c9f4", "#d8f1fb"],
  night: ["#070b26", "#142457", "#33518f"],
  sunset: ["#56408f", "#e4617c", "#ffc16b"],
  rain: ["#55636f", "#7d8b96", "#a9b5bc"],
}

export function atmosphereOf(time: Time): Atmosphere {
  const light = lights[time]
  const sky = skies[time]
  return {
    time,
    sky,
    haze: sky[2],
    land: (colour) => mix(colour, light.colour, light.onLand),
    thing: (colour) => mix(colour, light.colour, light.onThings),
  }
}
