/** Pictures as a generator might make them: shifted, soft, noisy, a little off in colour. */

import type { Random } from "../world/random.ts"

/** RGB bytes size × size × 3 → [3, size, size] in -1..1. */
export function toPlanes(pixels: Uint8Array, size: number, planes = new Float32Array(3 * size * size)): Float32Array {
  const area = size * size
  for (let i = 0; i < area; i++)
    for (let channel = 0; channel < 3; channel++)
      planes[channel * area + i] = (pixels[3 * i + channel] ?? 0) / 127.5 - 1
  return planes
}

/** Changes a picture of [3, size, size] in -1..1 in place. */
export function augment(planes: Float32Array, size: number, random: Random): void {
  const softness = random.below(4)
  if (random.chance(0.5)) shift(planes, size, random.below(5) - 2, random.below(5) - 2)
  if (softness >= 2) blur(planes, size)
  if (softness === 3) blur(planes, size)
  const area = size * size
  const noise = random.chance(0.7) ? random.between(0, 0.12) : 0
  const brightness = random.between(-0.08, 0.08)
  for (let channel = 0; channel < 3; channel++) {
    const gain = random.between(0.9, 1.1)
    const offset = brightness + random.between(-0.04, 0.04)
    for (let i = channel * area; i < (channel + 1) * area; i++) {
      // The sum of three uniform numbers is near enough to a normal one.
      const grain = noise === 0 ? 0 : noise * (random.next() + random.next() + random.next() - 1.5) * 2
      planes[i] = Math.min(1, Math.max(-1, (planes[i] ?? 0) * gain + offset + grain))
    }
  }
}

function shift(planes: Float32Array, size: number, dx: number, dy: number): void {
  const source = planes.slice()
  const within = (value: number) => Math.min(size - 1, Math.max(0, value))
  for (let channel = 0; channel < 3; channel++)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++)
        planes[(channel * size + y) * size + x] = source[(channel * size + within(y + dy)) * size + within(x + dx)] ?? 0
}

/** Binomial 1 2 1 along both axes. */
function blur(planes: Float32Array, size: number): void {
  for (const [step, along] of [
    [1, "x"],
    [size, "y"],
  ] as const) {
    const source = planes.slice()
    for (let i = 0; i < planes.length; i++) {
      const at = along === "x" ? i % size : Math.floor(i / size) % size
      const here = source[i] ?? 0
      const before = at === 0 ? here : (source[i - step] ?? here)
      const after = at === size - 1 ? here : (source[i + step] ?? here)
      planes[i] = (before + 2 * here + after) / 4
    }
  }
}
