/** The denoising loop of StableDiffusionPipeline.__call__ (diffusers/pipelines/stable_diffusion), batch 1 with classifier-free guidance. */

import { stepsOfStrength } from "@fjord/contracts"
import type { Program } from "@fjord/engine"
import { TorchGenerator } from "./random/torchGenerator.ts"
import type { Scheduler } from "./schedulers/scheduler.ts"

/** What image-to-image starts from: a picture's latents as the VAE's encoder gives them. */
interface InitLatents {
  readonly mean: Float32Array
  readonly standardDeviation: Float32Array
  /** The VAE's. */
  readonly scalingFactor: number
  /** Share of the steps that are made, above 0 and up to 1. */
  readonly strength: number
}

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
  /** Absent: start from noise alone. */
  readonly init?: InitLatents | undefined
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
  const first = request.init === undefined ? 0 : beginning(scheduler, steps, request.init.strength)
  const timesteps = scheduler.timesteps.slice(first)
  // The initial noise is drawn before the scheduler's.
  let latents: Float32Array = request.init
    ? noised(scheduler, request.init, first, noise)
    : noise().map((value) => value * scheduler.initNoiseSigma)
  const total = timesteps.length
  for (const [i, timestep] of timesteps.entries()) {
    request.signal?.throwIfAborted()
    const input = scheduler.scaleModelInput(latents, timestep)
    const batch = guided(guidanceScale) ? 2 : 1
    const sample = new Float32Array(batch * latentCount)
    for (let row = 0; row < batch; row++) sample.set(input, row * latentCount)
    const repeated = new Float32Array(batch).fill(timestep)
    const { prediction } = await unet.run({ sample, timesteps: repeated, context, ...added })
    const output = guide(prediction as Float32Array, guidanceScale, latentCount)
    latents = scheduler.step(output, timestep, latents, noise)
    yield { step: i + 1, total, latents }
  }
}

/** Where a run of this strength starts in the scheduler's timesteps: StableDiffusionImg2ImgPipeline.get_timesteps. */
function beginning(scheduler: Scheduler, steps: number, strength: number): number {
  const made = stepsOfStrength(steps, strength)
  if (made === 0)
    throw new RangeError(
      `strength ${strength} of ${steps} steps is less than one step: give at least ${Math.ceil(1 / strength)} steps, or more strength.`,
    )
  return (steps - made) * scheduler.order
}

/** The picture's latents noised to `timesteps[first]`: prepare_latents; its posterior is drawn before the noise. */
function noised(scheduler: Scheduler, init: InitLatents, first: number, noise: () => Float32Array): Float32Array {
  const { mean, standardDeviation, scalingFactor } = init
  const posterior = noise()
  const original = mean.map((value, i) => {
    const deviation = Math.fround((standardDeviation[i] as number) * (posterior[i] as number))
    return Math.fround(value + deviation) * scalingFactor
  })
  scheduler.beginAt(first)
  return scheduler.addNoise(original, noise(), scheduler.timesteps.slice(first, first + 1))
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
