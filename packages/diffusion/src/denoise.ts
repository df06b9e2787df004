/** The denoising loop of StableDiffusionPipeline.__call__ (diffusers/pipelines/stable_diffusion), batch 1 with classifier-free guidance. */

import type { Program } from "@fjord/engine"
import { TorchGenerator } from "./random/torchGenerator.ts"
import type { Scheduler } from "./schedulers/scheduler.ts"

export interface DenoiseRequest {
  readonly unet: Program<"prediction">
  readonly scheduler: Scheduler
  readonly steps: number
  /** Guidance is off at 1 or below: the UNet then sees the prompt alone. */
  readonly guidanceScale: number
  /** Text states [2, tokens, channels], negative first; [1, …] without guidance. */
  readonly context: Float32Array
  /** More inputs of the UNet, a row for each of `context`. */
  readonly added?: Readonly<Record<string, Float32Array>>
  readonly seed: number
  /** Elements of the latents [1, c, h, w]. */
  readonly latentCount: number
  readonly signal?: AbortSignal | undefined
}

export interface DenoisingProgress {
  /** Counts the UNet's calls from 1. */
  readonly step: number
  readonly total: number
  readonly latents: Float32Array
}

/** Classifier-free guidance (Ho & Salimans 2022) is on above this scale. */
export const guided = (guidanceScale: number): boolean => guidanceScale > 1

/** Yields the latents after each step; the last one is the result, still times the VAE's scaling factor. */
export async function* denoise(request: DenoiseRequest): AsyncGenerator<DenoisingProgress> {
  const { unet, scheduler, steps, guidanceScale, context, added = {}, latentCount } = request
  const generator = new TorchGenerator(request.seed)
  const noise = () => generator.randn(latentCount)
  scheduler.setTimesteps(steps)
  // The initial noise is drawn before the scheduler's.
  let latents: Float32Array = noise().map((value) => value * scheduler.initNoiseSigma)
  const total = scheduler.timesteps.length
  for (const [i, timestep] of scheduler.timesteps.entries()) {
    request.signal?.throwIfAborted()
    const input = scheduler.scaleModelInput(latents, timestep)
    const batch = guided(guidanceScale) ? 2 : 1
    const sample = new Float32Array(batch * latentCount)
    for (let row = 0; row < batch; row++) sample.set(input, row * latentCount)
    const timesteps = new Float32Array(batch).fill(timestep)
    const { prediction } = await unet.run({ sample, timesteps, context, ...added })
    const output = guide(prediction as Float32Array, guidanceScale, latentCount)
    latents = scheduler.step(output, timestep, latents, noise)
    yield { step: i + 1, total, latents }
  }
}

/** negative + scale (positive - negative). */
function guide(prediction: Float32Array, scale: number, count: number): Float32Array {
  if (!guided(scale)) return prediction
  const negative = prediction.subarray(0, count)
  const positive = prediction.subarray(count)
  return negative.map((value, i) =>
    Math.fround(value + Math.fround(scale * Math.fround((positive[i] as number) - value))),
  )
}
