/** Prompt to PNG files, as an async generator of events. */

import { mkdir } from "node:fs/promises"
import { homedir } from "node:os"
import { basename, dirname, join } from "node:path"
import type { FjordEvent, GenerationConfig } from "@fjord/contracts"
import { writeSafetensors } from "@fjord/engine"
import { filesSha256, modelHash } from "./folder/modelHash.ts"
import { imageTexts } from "./imageMetadata.ts"
import { encodePng } from "./images/encodePng.ts"
import { coloursOf, latentPreviews, type PreviewColours, stableDiffusionColours } from "./images/latentPreview.ts"
import { writeNewFile } from "./images/writeNewFile.ts"
import { readInitImage } from "./initImage.ts"
import { joined } from "./joined.ts"
import type { LoraFile } from "./lora/loadLora.ts"
import { loadLoraFor } from "./lora/loadLoraFor.ts"
import { phaseEvent } from "./phaseEvent.ts"
import { latentSize, nativeSize, renderImages } from "./renderImages.ts"
import {
  loadStableDiffusion,
  type Machine,
  machineOf,
  type StableDiffusion,
  vaeDecoderProgram,
} from "./stableDiffusion.ts"
import { withEmbeddings } from "./textualInversion.ts"
import { stackedTuning } from "./training/trainable.ts"

/** Hashes of model folders, so that gigabytes are read once and not for each image. */
export const hashCache = (): string => join(homedir(), ".cache", "fjord", "model-hashes.json")

/** Latents of this side are enough to see a colour. */
const probeSide = 4

/** Stable Diffusion's four channels are known; an autoencoder of another kind is asked what its channels look like. */
async function previewColours(model: StableDiffusion, machine: Machine): Promise<PreviewColours> {
  const { latent_channels: channels, scaling_factor: scale } = model.vaeConfig
  if (channels === stableDiffusionColours.channels.length) return stableDiffusionColours
  const decoder = await vaeDecoderProgram(model, probeSide, probeSide, machine)
  try {
    return await coloursOf(channels, async (values) => {
      const latents = Float32Array.from(
        { length: channels * probeSide ** 2 },
        (_, i) => (values[Math.floor(i / probeSide ** 2)] ?? 0) / scale,
      )
      const { image } = await decoder.run({ latents })
      return image as Float32Array
    })
  } finally {
    await decoder.release()
  }
}

/** Makes the images that `config` asks for. Throws the signal's reason when it is aborted, between two steps. */
export async function* textToImage(
  config: GenerationConfig,
  { signal, previews = false }: { readonly signal?: AbortSignal; readonly previews?: boolean } = {},
): AsyncGenerator<FjordEvent> {
  yield phaseEvent("model")
  const { model, embeddings } = await withEmbeddings(await loadStableDiffusion(config.model), config.embeddings)
  const native = nativeSize(model)
  const image =
    config.initImage === undefined
      ? undefined
      : await readInitImage(config.initImage, config, { native, multiple: model.scaleFactor })
  const { width, height } = image ?? { width: config.width ?? native, height: config.height ?? native }
  if (image?.warning !== undefined) yield { type: "Message", level: "warning", text: image.warning }
  const machine = machineOf(config)
  for (const text of [config.prompt, config.negativePrompt]) {
    const { truncatedTokens } = model.tokenizer.tokenize(text)
    if (truncatedTokens > 0)
      yield {
        type: "Message",
        level: "warning",
        text: `The last ${truncatedTokens} tokens of "${text}" are not seen by the model: it reads ${model.tokenizer.modelMaxLength}.`,
      }
  }
  const { tuning, loras } = await loadLoras(model, config.loras)
  yield phaseEvent("checksum")
  const hash = await modelHash(model.folder, { cacheFile: hashCache() })
  const pictures = Array.from({ length: config.numImages }, (_, i) => ({
    prompt: config.prompt,
    seed: config.seed + i,
  }))
  const { negativePrompt, steps, guidanceScale, scheduler } = config
  await mkdir(config.out, { recursive: true })
  const allLatents: Float32Array[] = []
  const request = {
    model,
    tuning,
    machine,
    pictures,
    negativePrompt,
    steps,
    guidanceScale,
    scheduler,
    width,
    height,
    init: image && { image, strength: config.strength },
    signal,
  }
  const [rows, columns] = latentSize(model, { width, height })
  const previewOf = previews ? latentPreviews(rows, columns, await previewColours(model, machine)) : undefined
  for await (const rendering of renderImages(request)) {
    if (rendering.kind === "phase") {
      yield phaseEvent(rendering.phase)
      continue
    }
    if (rendering.kind === "step") {
      const { step, total } = rendering
      const preview = await previewOf?.(rendering.latents)
      yield { type: "DenoisingStep", step, total, ...(preview !== undefined && { preview }) }
      continue
    }
    const { seed } = rendering.picture
    const texts = imageTexts({
      config,
      seed,
      width,
      height,
      threads: machine.threads,
      modelHash: hash,
      loras,
      embeddings,
      initImage: image && { file: image.file, sha256: image.sha256 },
    })
    const file = await writeNew(config.out, `image-${seed}`, await encodePng(rendering.image, texts))
    allLatents.push(rendering.latents)
    yield { type: "ImageSaved", file, seed }
  }
  if (config.saveLatents !== undefined) {
    const shape = [allLatents.length, model.vaeConfig.latent_channels, ...latentSize(model, { width, height })]
    await mkdir(dirname(config.saveLatents), { recursive: true })
    await writeSafetensors(config.saveLatents, [{ name: "latents", dataType: "F32", shape, data: joined(allLatents) }])
  }
}

/** LoRA files stacked on the model. @throws one sentence where a file does not fit the model. */
async function loadLoras(model: StableDiffusion, files: GenerationConfig["loras"]) {
  const stack: { layers: LoraFile["layers"]; weight: number }[] = []
  const loras: { file: string; weight: number; sha256: string }[] = []
  for (const { file, weight } of files) {
    const lora = await loadLoraFor(model.folder, file)
    stack.push({ layers: lora.layers, weight })
    loras.push({ file: basename(file), weight, sha256: await filesSha256(lora.files) })
  }
  return { tuning: stackedTuning(stack), loras }
}

/** Writes a file under the first free name, so that no earlier image is lost. */
async function writeNew(folder: string, name: string, bytes: Uint8Array): Promise<string> {
  for (let i = 0; ; i++) {
    const file = join(folder, `${name}${i === 0 ? "" : `-${i}`}.png`)
    try {
      await writeNewFile(file, bytes)
      return file
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    }
  }
}
