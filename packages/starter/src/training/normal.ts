import type { Random } from "../world/random.ts"

/** Fills with normal numbers of mean 0 (Box & Muller 1958). */
export function fillNormal(values: Float32Array, random: Random, standardDeviation = 1): Float32Array {
  for (let i = 0; i < values.length; i += 2) {
    const radius = standardDeviation * Math.sqrt(-2 * Math.log(1 - random.next()))
    const angle = 2 * Math.PI * random.next()
    values[i] = radius * Math.cos(angle)
    if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle)
  }
  return values
}
