/** Arithmetic of colours, "#rrggbb" in and out. */

/** `amount` 0 is `from`, 1 is `to`. */
export function mix(from: string, to: string, amount: number): string {
  const [a, b] = [channels(from), channels(to)]
  const mixed = a.map((value, i) => Math.round(value + ((b[i] ?? 0) - value) * amount))
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`
}

export const darker = (colour: string, amount: number) => mix(colour, "#000000", amount)
export const lighter = (colour: string, amount: number) => mix(colour, "#ffffff", amount)

/** Perceived brightness in 0..1, Rec. 709 weights. */
export function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour)
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
}
