/** A cheap look at an image while it is denoised: a linear map from latents to colours instead of the VAE. */

import sharp from "sharp"

/** RGB per latent channel of SD 1.x and 2.x's VAE, fitted by ComfyUI (comfy/latent_formats.py, SD15). */
const factors = [
  [0.3512, 0.2297, 0.3227],
  [0.325, 0.4974, 0.235],
  [-0.2829, 0.1762, 0.2721],
  [-0.212, -0.2616, -0.7177],
] as const

const betweenMs = 400
const longestSide = 64

/** @returns a function that makes a JPEG data URL of latents [4, height, width], or undefined where the last one is fresh. */
export function latentPreviews(height: number, width: number): (latents: Float32Array) => Promise<string | undefined> {
  const plane = height * width
  let last = Number.NEGATIVE_INFINITY
  return async (latents) => {
    if (latents.length !== factors.length * plane || performance.now() - last < betweenMs) return undefined
    last = performance.now()
    const pixels = new Uint8ClampedArray(plane * 3)
    for (let i = 0; i < plane; i++)
      for (let colour = 0; colour < 3; colour++) {
        let value = 0
        for (const [channel, row] of factors.entries())
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
