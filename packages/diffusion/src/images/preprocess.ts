import { resize } from "./resize.ts"
import { ImageError, type RgbImage } from "./rgbImage.ts"

export interface PreprocessOptions {
  /** Side of the square result in pixels. */
  readonly resolution: number
  /** "center", or the upper left corner in the resized picture (0..maxTop, 0..maxLeft of `cropRoom`). */
  readonly crop?: "center" | { readonly top: number; readonly left: number }
  /** Mirror left and right, after cropping. */
  readonly flip?: boolean
}

/** What the shorter side becomes `resolution`: torchvision's Resize(resolution), which truncates the longer side. */
export function resizedSize(width: number, height: number, resolution: number): { width: number; height: number } {
  const long = Math.trunc((resolution * Math.max(width, height)) / Math.min(width, height))
  return width <= height ? { width: resolution, height: long } : { width: long, height: resolution }
}

/** The largest crop corner of a picture after resizing; a random crop draws top and left from 0 to these, inclusive. */
export function cropRoom(width: number, height: number, resolution: number): { maxTop: number; maxLeft: number } {
  const resized = resizedSize(width, height, resolution)
  return { maxTop: resized.height - resolution, maxLeft: resized.width - resolution }
}

/**
 * torchvision's Resize(bilinear, PIL), CenterCrop or RandomCrop and horizontal flip, as diffusers' train_dreambooth.py
 * composes them.
 *
 * @returns a square picture of `resolution` pixels.
 * @throws ImageError when the crop corner lies outside.
 */
export function cropSquare(image: RgbImage, options: PreprocessOptions): RgbImage {
  const { resolution, crop = "center", flip = false } = options
  const size = resizedSize(image.width, image.height, resolution)
  const resized = resize(image, size.width, size.height, "bilinear")
  const maxTop = size.height - resolution
  const maxLeft = size.width - resolution
  const { top, left } = crop === "center" ? { top: roundHalfEven(maxTop / 2), left: roundHalfEven(maxLeft / 2) } : crop
  if (![top, left].every(Number.isInteger) || top < 0 || left < 0 || top > maxTop || left > maxLeft) {
    throw new ImageError(
      `The crop corner (top ${top}, left ${left}) lies outside: at ${resolution} pixels this picture allows ` +
        `top 0 to ${maxTop} and left 0 to ${maxLeft}.`,
    )
  }
  const rgb = new Uint8Array(resolution * resolution * 3)
  for (let y = 0; y < resolution; y++) {
    const start = ((top + y) * size.width + left) * 3
    const row = resized.rgb.subarray(start, start + resolution * 3)
    const target = y * resolution * 3
    if (!flip) rgb.set(row, target)
    else for (let x = 0; x < resolution; x++) rgb.set(row.subarray(x * 3, x * 3 + 3), target + (resolution - 1 - x) * 3)
  }
  return { width: resolution, height: resolution, rgb }
}

/** `cropSquare`, then ToTensor and Normalize(0.5, 0.5): float32 [3, resolution, resolution] in [-1, 1]. */
export function preprocess(image: RgbImage, options: PreprocessOptions): Float32Array<ArrayBuffer> {
  return toPixelValues(cropSquare(image, options))
}

/** ToTensor and Normalize(0.5, 0.5) of torchvision: float32 [3, height, width] in [-1, 1]. */
export function toPixelValues({ width, height, rgb }: RgbImage): Float32Array<ArrayBuffer> {
  const plane = width * height
  const values = new Float32Array(plane * 3)
  for (let pixel = 0; pixel < plane; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      values[channel * plane + pixel] = normalised[rgb[pixel * 3 + channel] ?? 0] ?? 0
    }
  }
  return values
}

/** ((v / 255) - 0.5) / 0.5, rounded to float32 after each step as torch does. */
const normalised = Float32Array.from({ length: 256 }, (_, v) => Math.fround(Math.fround(v / 255) - 0.5) / 0.5)

/** Python's round(): halves go to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  if (value - floor !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}
