/** Pictures of a model folder, with or without a LoRA, for the judge. */

import { join } from "node:path"
import {
  loadLoraFor,
  loadStableDiffusion,
  machineOf,
  nativeSize,
  renderImages,
  stackedTuning,
  untuned,
} from "@fjord/diffusion"
import type { RgbPicture } from "../judges/judge.ts"
import { sampling } from "../settings.ts"

export type Request = { readonly prompt: string; readonly seed: number }

export type Renderer = (requests: readonly Request[]) => Promise<RgbPicture[]>

/** @param lora the folder of a LoRA run on this model */
export async function openRenderer(folder: string, threads: number, lora?: string): Promise<Renderer> {
  const model = await loadStableDiffusion(folder)
  const tuning =
    lora === undefined
      ? untuned
      : stackedTuning([
          { ...(await loadLoraFor(model.folder, join(lora, "pytorch_lora_weights.safetensors"))), weight: 1 },
        ])
  const [width, height] = [nativeSize(model), nativeSize(model)]
  return async (pictures) => {
    const images: RgbPicture[] = []
    const machine = machineOf({ provider: "cpu", threads })
    const request = { model, tuning, machine, pictures, negativePrompt: "", ...sampling, width, height }
    for await (const rendering of renderImages(request)) if (rendering.kind === "picture") images.push(rendering.image)
    return images
  }
}
