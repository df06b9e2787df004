/** A cheap look at an image while it is denoised: a linear map from latents to colours instead of the VAE. */

import sharp from "sharp"

/** What one latent channel adds to red, green and blue, in [-1, 1]. */
type Colour = readonly [red: number, green: number, blue: number]
export type PreviewColours = { readonly ground: Colour; readonly channels: readonly Colour[] }

/** Of SD 1.x and 2.x's VAE, fitted by ComfyUI (comfy/latent_formats.py, SD15). */
export const stableDiffusionColours: PreviewColours = {
  ground: [0, 0, 0],
  channels: [
    [0.3512, 0.2297, 0.3227],
    [0.325, 0.4974, 0.235],
    [-0.2829, 0.1762, 0.2721],
    [-0.212, -0.2616, -0.7177],
  ],
}

/**
 * Asks a decoder itself: the mean colour of flat latents, all channels at 0 and then each alone at 1.
 *
 * @param decode flat latents by their value per channel → the picture, [3, height, width] in [-1, 1].
 */
export async function coloursOf(
  channels: number,
  decode: (values: readonly number[]) => Promise<Float32Array>,
): Promise<PreviewColours> {
  const mean = async (lit: number | undefined): Promise<Colour> => {
    const picture = await decode(Array.from({ length: channels }, (_, channel) => (channel === lit ? 1 : 0)))
    const plane = picture.length / 3
    const of = (colour: number) =>
      picture.subarray(colour * plane, (colour + 1) * plane).reduce((sum, value) => sum + value, 0) / plane
    return [of(0), of(1), of(2)]
  }
  const ground = await mean(undefined)
  const rows: Colour[] = []
  for (let channel = 0; channel < channels; channel++) {
    const [red, green, blue] = await mean(channel)
    rows.push([red - ground[0], green - ground[1], blue - ground[2]])
  }
  return { ground, channels: rows }
}

const betweenMs = 400
const longestSide = 64

/** @returns a function that makes a JPEG data URL of latents [channels, height, width], or undefined where the last one is fresh. */
export function latentPreviews(
  height: number,
  width: number,
  { ground, channels }: PreviewColours,
): (latents: Float32Array) => Promise<string | undefined> {
  const plane = height * width
  let last = Number.NEGATIVE_INFINITY
  return async (latents) => {
    if (latents.length !== channels.length * plane || performance.now() - last < betweenMs) return undefined
    last = performance.now()
    const pixels = new Uint8ClampedArray(plane * 3)
    for (let i = 0; i < plane; i++)
      for (const [colour, start] of ground.entries()) {
        let value = start
        for (const [channel, row] of channels.entries())
          value += (latents[channel * plane + i] ?? 0) * (row[colour] ?? 0)
        pixels[i * 3 + colour] = (value + 1) * 127.5
      }
    const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .resize(longestSide, longestSide, { fit: "inside", withoutEnlargement: true })
      .jpeg({ quality: 60 })
      .toBuffer()
    return `data:image/jpeg;base64,${jpeg.toString("base64")}`
  }
}
