/**
 * The texts inside a generated PNG: A1111's `parameters` line for other tools, and JSON with all that remakes the bytes.
 * The model is named by its hash alone: the folder it lies in is called otherwise here, in the Hub's cache and at a worker,
 * and the same model must make the same bytes everywhere.
 */

import type { GenerationConfig, SchedulerName } from "@fjord/contracts"

export const version = "0.1.0"

/** A1111's names of the samplers, which other tools look for. */
const samplerNames: Record<SchedulerName, string> = {
  ddpm: "DDPM",
  ddim: "DDIM",
  pndm: "PLMS",
  lms: "LMS",
  euler: "Euler",
  euler_ancestral: "Euler a",
  heun: "Heun",
  dpmpp_2m: "DPM++ 2M",
  dpmpp_2m_karras: "DPM++ 2M Karras",
  unipc: "UniPC",
  dpmpp_2s: "DPM++ 2S",
  deis: "DEIS",
  dpm2: "DPM2",
  lcm: "LCM",
}

export interface ImageOrigin {
  readonly config: GenerationConfig
  readonly seed: number
  readonly width: number
  readonly height: number
  readonly threads: number
  readonly modelHash: string
  readonly loras: readonly { readonly file: string; readonly weight: number; readonly sha256: string }[]
  readonly embeddings: readonly { readonly file: string; readonly token: string; readonly sha256: string }[]
  /** The picture that the image was made from. */
  readonly initImage?: { readonly file: string; readonly sha256: string } | undefined
}

/** The two text chunks, by keyword. */
export function imageTexts(origin: ImageOrigin): Record<"parameters" | "fjord", string> {
  const { config, seed, width, height, modelHash, loras, embeddings, threads, initImage } = origin
  const prompt = [config.prompt, ...loras.map(({ file, weight }) => `<lora:${stem(file)}:${weight}>`)].join(" ")
  const settings = {
    Steps: config.steps,
    Sampler: samplerNames[config.scheduler],
    "CFG scale": config.guidanceScale,
    Seed: seed,
    Size: `${width}x${height}`,
    "Model hash": modelHash.slice(0, 10),
    ...(initImage && { "Denoising strength": config.strength }),
    Version: `Fjord ${version}`,
  }
  const line = Object.entries(settings)
    .map(([key, value]) => `${key}: ${value}`)
    .join(", ")
  const negative = config.negativePrompt === "" ? [] : [`Negative prompt: ${config.negativePrompt}`]
  const { prompt: text, negativePrompt, steps, guidanceScale, scheduler, provider } = config
  const recall = {
    prompt: text,
    negativePrompt,
    steps,
    guidanceScale,
    scheduler,
    seed,
    width,
    height,
    loras,
    embeddings,
    ...(initImage && { initImage, strength: config.strength }),
  }
  return {
    parameters: [prompt, ...negative, line].join("\n"),
    fjord: JSON.stringify({ version, modelHash, provider, threads, ...recall }),
  }
}

function stem(file: string): string {
  return (file.split(/[/\\]/).at(-1) ?? file).replace(/\.safetensors$/, "")
}
