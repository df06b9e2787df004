/** Prompts to pictures with a loaded model: what textToImage, class images and samples during training have in common. */

import type { SchedulerName } from "@fjord/contracts"
import { denoise, guided } from "./denoise.ts"
import type { RgbImage } from "./images/rgbImage.ts"
import { toImage } from "./images/toImage.ts"
import { encodeInitImage, type InitImage } from "./initImage.ts"
import { joined } from "./joined.ts"
import {
  type Machine,
  type StableDiffusion,
  samplingScheduler,
  type Tuning,
  unetProgram,
  vaeDecoderProgram,
} from "./stableDiffusion.ts"
import { addedConditions, type TextCondition, textConditions, withoutPrompt } from "./textConditions.ts"

export interface Picture {
  readonly prompt: string
  readonly seed: number
}

export interface RenderRequest {
  readonly model: StableDiffusion
  readonly tuning: Tuning
  readonly machine: Machine
  readonly pictures: readonly Picture[]
  readonly negativePrompt: string
  readonly steps: number
  readonly guidanceScale: number
  readonly scheduler: SchedulerName
  /** Pixels, multiples of the model's scale factor. */
  readonly width: number
  readonly height: number
  /** A picture of that size to start from; absent: noise. */
  readonly init?: { readonly image: InitImage; readonly strength: number } | undefined
  readonly signal?: AbortSignal | undefined
}

export type Rendering =
  | { readonly kind: "phase"; readonly phase: "prompts" | "network" | "image" }
  | { readonly kind: "step"; readonly step: number; readonly total: number; readonly latents: Float32Array }
  | { readonly kind: "picture"; readonly picture: Picture; readonly image: RgbImage; readonly latents: Float32Array }

/** Yields what is done before and after the steps, every denoising step, counted over all pictures, and each picture. */
export async function* renderImages(request: RenderRequest): AsyncGenerator<Rendering> {
  const { model, tuning, machine, guidanceScale, pictures, signal } = request
  const [height, width] = latentSize(model, request)
  const prompts = [request.negativePrompt, ...pictures.map(({ prompt }) => prompt)]
  yield { kind: "phase", phase: "prompts" }
  const [encoded, ...conditions] = await textConditions(model, prompts, tuning, machine)
  const negative = request.negativePrompt === "" ? withoutPrompt(model, encoded as TextCondition) : encoded
  const tokens = model.tokenizer.tokenize("").ids.length
  const batch = guided(guidanceScale) ? 2 : 1
  signal?.throwIfAborted()
  // Before the UNet is loaded, so that the encoder's memory is free again.
  const moments = request.init && (await encodeInitImage(model, request.init.image, machine))
  const init = moments && {
    ...moments,
    scalingFactor: model.vaeConfig.scaling_factor,
    strength: request.init?.strength ?? 1,
  }
  yield { kind: "phase", phase: "network" }
  const unet = await unetProgram(model, { batch, height, width, tokens }, tuning, machine)
  const decoder = await vaeDecoderProgram(model, height, width, machine)
  const latentCount = model.vaeConfig.latent_channels * height * width
  try {
    for (const [i, picture] of pictures.entries()) {
      const scheduler = samplingScheduler(model, request.scheduler)
      const rows = [...(batch === 2 ? [negative] : []), conditions[i]] as TextCondition[]
      const loop = denoise({
        unet,
        scheduler,
        steps: request.steps,
        guidanceScale,
        context: joined(rows.map(({ states }) => states)),
        added: addedConditions(model, rows, request),
        seed: picture.seed,
        latentCount,
        init,
        signal,
      })
      let latents: Float32Array = new Float32Array(0)
      for await (const { step, total, latents: current } of loop) {
        latents = current
        yield { kind: "step", step: i * total + step, total: pictures.length * total, latents }
      }
      yield { kind: "phase", phase: "image" }
      const scaled = latents.map((value) => value / model.vaeConfig.scaling_factor)
      const { image } = await decoder.run({ latents: scaled })
      yield {
        kind: "picture",
        picture,
        latents,
        image: toImage(image as Float32Array, width * model.scaleFactor, height * model.scaleFactor),
      }
    }
  } finally {
    await unet.release()
    await decoder.release()
  }
}

/** Height and width of the latents. @throws where the picture's size is no multiple of the scale factor. */
export function latentSize(
  model: StableDiffusion,
  { width, height }: { width: number; height: number },
): [number, number] {
  for (const [name, pixels] of Object.entries({ width, height }))
    if (pixels % model.scaleFactor !== 0)
      throw new Error(`${name} is ${pixels} pixels, but this model needs a multiple of ${model.scaleFactor}.`)
  return [height / model.scaleFactor, width / model.scaleFactor]
}

/** The size the model was made for, in pixels. */
export function nativeSize(model: StableDiffusion): number {
  const size = model.unetConfig.sample_size ?? 64
  return (typeof size === "number" ? size : Math.max(...size)) * model.scaleFactor
}
