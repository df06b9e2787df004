/** The pictures of a run with their prompts, and their latents, cached or encoded anew for each use. */

import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import type { TrainingConfig } from "@fjord/contracts"
import type { Program } from "@fjord/engine"
import { decodeImage } from "../images/decodeImage.ts"
import { findImages } from "../images/findImages.ts"
import { cropRoom, preprocess } from "../images/preprocess.ts"
import type { RgbImage } from "../images/rgbImage.ts"
import type { TorchGenerator } from "../random/torchGenerator.ts"

export interface Picture {
  readonly path: string
  readonly prompt: string
}

export interface FoundPictures {
  readonly pictures: readonly Picture[]
  /** Sentences on refused pictures and on quality. */
  readonly remarks: readonly string[]
}

/** @throws one sentence where no picture of the folder can be used, with the reason for each. */
export async function findPictures(
  folder: string,
  prompt: string | undefined,
  captions: boolean,
  onProgress?: (done: number, total: number) => void,
): Promise<FoundPictures> {
  const { usable, refused } = await findImages(folder, {}, onProgress)
  if (usable.length === 0) {
    const reasons = refused.length > 0 ? ` These were refused: ${refused.map(({ reason }) => reason).join(" ")}` : ""
    throw new Error(`${folder} has no picture that can be trained on; put JPEG, PNG or WebP files there.${reasons}`)
  }
  const pictures = usable.map(({ file, path, caption }) => {
    const text = (captions ? caption : undefined) ?? prompt
    if (text === undefined)
      throw new Error(
        `${file} has no caption, and there is no instance_prompt; write ${file.replace(/\.\w+$/, "")}.txt or set instance_prompt.`,
      )
    return { path, prompt: text }
  })
  return { pictures, remarks: [...refused.map(({ reason }) => reason), ...usable.flatMap(({ warnings }) => warnings)] }
}

/** sha256 over the pictures' bytes and prompts, in order: the data set's identity. */
export async function datasetHash(pictures: readonly Picture[]): Promise<string> {
  const hash = createHash("sha256")
  for (const { path, prompt } of pictures)
    hash
      .update(prompt)
      .update("\0")
      .update(await readFile(path))
  return hash.digest("hex")
}

type Augmentation = Pick<TrainingConfig, "resolution" | "randomCrop" | "randomFlip" | "cacheLatents">

/** Mean and standard deviation of a picture's latents, each [c, h, w]. */
export interface Moments {
  readonly mean: Float32Array
  readonly standardDeviation: Float32Array
}

/** Gives the moments of a picture, drawing its crop and flip first where they are random. */
export interface LatentSource {
  momentsOf(picture: Picture, generator: TorchGenerator): Promise<Moments>
}

/**
 * @param encoder image [1, 3, resolution, resolution] → moments.
 * Crops that are random are encoded each time; everything else is encoded once and kept.
 */
export function latentSource(encoder: Program<"mean" | "standardDeviation">, config: Augmentation): LatentSource {
  const { resolution } = config
  const known = new Map<string, Moments>()
  return {
    async momentsOf({ path }, generator) {
      let image: RgbImage | undefined
      // Crop, then flip, as the reference script's transforms draw them.
      let crop: "center" | { top: number; left: number } = "center"
      if (config.randomCrop) {
        image = await decodeImage(path)
        const { maxTop, maxLeft } = cropRoom(image.width, image.height, resolution)
        const draw = (max: number) => (max === 0 ? 0 : (generator.randint(0, max + 1, 1)[0] as number))
        crop = { top: draw(maxTop), left: draw(maxLeft) }
      }
      const flip = config.randomFlip && (generator.rand(1)[0] as number) < 0.5
      const key = `${flip ? "flipped" : "upright"} ${path}`
      const cached = known.get(key)
      if (cached) return cached
      image ??= await decodeImage(path)
      const { mean, standardDeviation } = await encoder.run({ image: preprocess(image, { resolution, crop, flip }) })
      const moments = { mean, standardDeviation } as Moments
      if (config.cacheLatents && !config.randomCrop) known.set(key, moments)
      return moments
    },
  }
}
