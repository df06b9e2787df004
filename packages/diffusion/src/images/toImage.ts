import type { RgbImage } from "./rgbImage.ts"

/**
 * What the VAE decodes to a picture, as diffusers' VaeImageProcessor: (x * 0.5 + 0.5).clamp(0, 1) * 255, rounded.
 *
 * @param values float32 [3, height, width], about [-1, 1].
 * @throws Error when the length does not fit or a value is not a number (diffusers paints those black).
 */
export function toImage(values: Float32Array, width: number, height: number): RgbImage {
  const plane = width * height
  if (values.length !== plane * 3) {
    throw new Error(`A picture of ${width} x ${height} needs 3 x ${plane} values, but there are ${values.length}.`)
  }
  const rgb = new Uint8Array(plane * 3)
  for (let channel = 0; channel < 3; channel++) {
    for (let pixel = 0; pixel < plane; pixel++) {
      rgb[pixel * 3 + channel] = toByte(values[channel * plane + pixel] ?? 0)
    }
  }
  return { width, height, rgb }
}

function toByte(value: number): number {
  const unit = Math.fround(Math.fround(value * 0.5) + 0.5)
  if (Number.isNaN(unit)) {
    throw new Error(
      "The decoded picture contains NaN: the model's weights are damaged or its numbers have overflowed; use another " +
        "model, or lower guidance_scale, or for a model of your own train it again with a lower learning_rate.",
    )
  }
  const scaled = Math.fround(Math.min(1, Math.max(0, unit)) * 255)
  // numpy rounds halves to the even neighbour.
  const floor = Math.floor(scaled)
  const rest = scaled - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}
