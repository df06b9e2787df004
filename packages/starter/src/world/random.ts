/** Random numbers of the world: a counter-based generator, so that a scene is a function of its seed alone. */

export type Random = {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform in [low, high). */
  between(low: number, high: number): number
  /** A whole number in [0, count). */
  below(count: number): number
  pick<T>(choices: readonly T[]): T
  chance(probability: number): boolean
}

/** `stream` keeps apart what is drawn from the same seed for different ends ("train", "heldout", "stars", …). */
export function randomFrom(seed: number, stream: string): Random {
  let key = 0x811c9dc5
  for (const character of stream) key = Math.imul(key ^ character.charCodeAt(0), 0x01000193)
  const start = mix(mix(seed >>> 0) ^ mix(Math.floor(seed / 2 ** 32) ^ key))
  let counter = 0
  const next = () => mix(start + Math.imul(++counter, 0x9e3779b9)) / 2 ** 32
  const below = (count: number) => Math.floor(next() * count)
  return {
    next,
    below,
    between: (low, high) => low + (high - low) * next(),
    chance: (probability) => next() < probability,
    pick(choices) {
      const choice = choices[below(choices.length)]
      if (choice === undefined) throw new Error("Nothing to pick from: the list is empty")
      return choice
    },
  }
}

/** The finaliser of MurmurHash3: every bit of the input moves every bit of the output. */
function mix(value: number): number {
  let hash = value | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
