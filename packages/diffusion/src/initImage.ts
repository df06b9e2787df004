/** The picture that image-to-image starts from. */

import { basename } from "node:path"
import type { GenerationConfig } from "@fjord/contracts"
import { fileSha256 } from "./folder/modelHash.ts"
import { decodeImage } from "./images/decodeImage.ts"
import { toPixelValues } from "./images/preprocess.ts"
import { resize } from "./images/resize.ts"
import { type Machine, type StableDiffusion, vaeEncoderProgram } from "./stableDiffusion.ts"

export interface InitImage {
  /** [1, 3, height, width] in [-1, 1]. */
  readonly pixels: Float32Array
  readonly width: number
  readonly height: number
  readonly file: string
  readonly sha256: string
  /** A sentence about what may not be expected. */
  readonly warning?: string
}

/** The side that a model was made for, and what sides must be multiples of, in pixels. */
interface ModelSizes {
  readonly native: number
  readonly multiple: number
}

/** The longest side of an image, as in `generationConfig`. */
const longest = 4096

/**
 * The size of the image that a picture becomes, in multiples of the model's scale factor, rounded down as diffusers'
 * VaeImageProcessor does. A side that is asked for holds and the other follows the picture's proportions; asked for
 * neither, it is the picture's own size, or the largest of its proportions that has no more than four times the pixels
 * that the model was made for: a photograph of a telephone has fifty times as many.
 */
export function sizeOfImage(
  picture: { readonly width: number; readonly height: number },
  asked: Pick<GenerationConfig, "width" | "height">,
  { native, multiple }: ModelSizes,
): { width: number; height: number; shrunk: boolean } {
  const { width, height } = picture
  const fitting = Math.min(1, longest / Math.max(width, height), Math.sqrt((4 * native * native) / (width * height)))
  const ratio =
    asked.width !== undefined ? asked.width / width : asked.height !== undefined ? asked.height / height : fitting
  const whole = (side: number) => {
    // Products of ratios miss whole numbers by a rounding error.
    const rounded = Math.floor((side * ratio * (1 + 1e-12)) / multiple) * multiple
    return Math.min(Math.max(rounded, multiple), longest)
  }
  const free = asked.width === undefined && asked.height === undefined
  return { width: asked.width ?? whole(width), height: asked.height ?? whole(height), shrunk: free && fitting < 1 }
}

/**
 * Reads a picture upright, on white, in sRGB, and resizes it with Lanczos' filter as VaeImageProcessor.preprocess does.
 *
 * @throws ImageError where the file is no picture that can be used.
 */
export async function readInitImage(
  file: string,
  asked: Pick<GenerationConfig, "width" | "height">,
  sizes: ModelSizes,
): Promise<InitImage> {
  const picture = await decodeImage(file, { minSide: sizes.multiple, maxAspect: 16 })
  const { width, height, shrunk } = sizeOfImage(picture, asked, sizes)
  return {
    pixels: toPixelValues(resize(picture, width, height, "lanczos")),
    width,
    height,
    file: basename(file),
    sha256: await fileSha256(file),
    ...(shrunk && {
      warning:
        `${basename(file)} has ${picture.width} x ${picture.height} pixels, many more than this model was made for: ` +
        `the image becomes ${width} x ${height}; give width and height for another size.`,
    }),
  }
}

/** The distribution of the picture's latents: mean and standard deviation, each [1, c, h, w]. */
export async function encodeInitImage(model: StableDiffusion, { pixels, width, height }: InitImage, machine: Machine) {
  const encoder = await vaeEncoderProgram(model, height, width, machine)
  try {
    const { mean, standardDeviation } = await encoder.run({ image: pixels })
    // Copies: the session may use its arrays again.
    return {
      mean: Float32Array.from(mean as Float32Array),
      standardDeviation: Float32Array.from(standardDeviation as Float32Array),
    }
  } finally {
    await encoder.release()
  }
}
