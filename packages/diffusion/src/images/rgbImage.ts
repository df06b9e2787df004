/** A picture of 8-bit sRGB pixels, row by row: rgb[(y * width + x) * 3 + channel]. */
export interface RgbImage {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/** A picture that cannot be used; the message is one sentence for the person who chose it. */
export class ImageError extends Error {
  override readonly name = "ImageError"
}
