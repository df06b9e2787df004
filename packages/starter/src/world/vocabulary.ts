/** What there is in the world, and the words for it. */

export const backgrounds = [
  "fjord",
  "beach",
  "forest",
  "meadow",
  "city",
  "snow",
  "desert",
  "room",
  "underwater",
  "moon",
  "volcano",
  "castle",
] as const
export type Background = (typeof backgrounds)[number]

export const times = ["day", "night", "sunset", "rain"] as const
export type Time = (typeof times)[number]

export const objectClasses = [
  "boat",
  "house",
  "tree",
  "car",
  "robot",
  "dog",
  "cat",
  "bird",
  "fish",
  "ball",
  "cup",
  "backpack",
  "teapot",
  "hat",
  "rocket",
  "umbrella",
] as const
export type ObjectClass = (typeof objectClasses)[number]

/** The middle tone of each colour; light and shadow are made from it. */
export const colours = {
  red: "#e0342f",
  orange: "#f58a1f",
  yellow: "#f7d02c",
  green: "#3fae49",
  teal: "#14a3a8",
  blue: "#2f6fe0",
  purple: "#8a45c9",
  pink: "#f280b4",
  brown: "#8a5a35",
  white: "#f4f4f0",
  black: "#2b2b33",
} as const
export type Colour = keyof typeof colours
export const colourNames = Object.keys(colours) as readonly Colour[]

export const patterns = ["plain", "striped", "dotted"] as const
export type Pattern = (typeof patterns)[number]

/** Where a picture is set, in words; the first is the usual one. */
export const places: Record<Background, readonly string[]> = {
  fjord: ["in a fjord", "by a fjord"],
  beach: ["on a beach", "on the beach"],
  forest: ["in a forest", "in the forest"],
  meadow: ["in a meadow", "on a meadow"],
  city: ["in a city", "in the city"],
  snow: ["in the snow"],
  desert: ["in the desert", "in a desert"],
  room: ["in a room"],
  underwater: ["under water"],
  moon: ["on the moon"],
  volcano: ["near a volcano", "by a volcano"],
  castle: ["in front of a castle", "by a castle"],
}

/** When, in words; the empty string says nothing, which is the usual way to mean a clear day. */
export const moments: Record<Time, readonly string[]> = {
  day: ["", "", "during the day"],
  night: ["at night"],
  sunset: ["at sunset"],
  rain: ["in the rain"],
}

/** Times that look different in a place: there is no rain on the moon. */
export const timesOf: Record<Background, readonly Time[]> = {
  fjord: times,
  beach: times,
  forest: times,
  meadow: times,
  city: times,
  snow: ["day", "night", "sunset"],
  desert: ["day", "night", "sunset"],
  room: times,
  underwater: ["day", "night"],
  moon: ["day"],
  volcano: ["day", "night", "sunset"],
  castle: times,
}
