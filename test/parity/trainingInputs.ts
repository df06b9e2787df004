/** The micro-batches of training/P/inputs.safetensors, made ready for Fjord's trainer. */

import { join } from "node:path"
import { AdamW } from "@fjord/engine"
import { trainingScheduler } from "../../packages/diffusion/src/schedulers/index.ts"
import {
  encodePrompts,
  type StableDiffusion,
  untuned,
  vaeEncoderProgram,
} from "../../packages/diffusion/src/stableDiffusion.ts"
import type { Trainable } from "../../packages/diffusion/src/training/trainable.ts"
import { createTrainer, type MicroBatch, type Trainer } from "../../packages/diffusion/src/training/trainer.ts"
import { asNumbers, readTensors } from "./readTensors.ts"
import { floats, machine, type ReferenceTensors, row } from "./references.ts"

/** metadata "options" of a reference file; every absent one has train_dreambooth.py's default. */
export interface TrainingSettings {
  readonly te?: boolean
  readonly prior?: boolean
  readonly plw?: number
  readonly snr?: number
  readonly offset?: boolean
  readonly rows?: number
  readonly microbatch?: number
  readonly lr?: number
  readonly steps?: number
  readonly accum?: number
  readonly weight_decay?: number
  readonly betas?: readonly [number, number]
  readonly eps?: number
  readonly max_grad_norm?: number
}

export interface TrainingInputs {
  readonly model: StableDiffusion
  readonly height: number
  readonly width: number
  microBatch(index: number, settings: TrainingSettings): MicroBatch
}

export async function trainingInputs(model: StableDiffusion, folder: string): Promise<TrainingInputs> {
  const { tensors } = await readTensors(join(folder, "inputs.safetensors"))
  const [, , height = 0, width = 0] = tensors.get("pixel_pool")?.shape ?? []
  const pool = await encodeImages(model, tensors)
  const ids = rowsOf(tensors, "input_ids").map((values) => Array.from(values))
  const states = await encodePrompts(model, ids, untuned, machine)
  const scale = model.vaeConfig.scaling_factor

  function microBatch(index: number, settings: TrainingSettings): MicroBatch {
    const rows = settings.rows ?? 2
    const noise = row(tensors, "noise", index).slice()
    const size = noise.length / (tensors.get("noise")?.shape[1] ?? 1)
    // Offset noise (Guttenberg 2023): one number more for each row and channel.
    if (settings.offset) {
      const offsets = row(tensors, "offset_noise", index)
      const plane = noise.length / offsets.length
      for (let i = 0; i < noise.length; i++)
        noise[i] = (noise[i] ?? 0) + Math.fround(0.1 * (offsets[Math.floor(i / plane)] ?? 0))
    }
    const posterior = row(tensors, "posterior_noise", index)
    const images = row(tensors, "pixel_index", index)
    const latents = new Float32Array(rows * size)
    for (let r = 0; r < rows; r++) {
      const encoded = pool[images[r] ?? 0]
      if (!encoded) throw new Error(`inputs.safetensors has no picture ${images[r]}.`)
      for (let i = 0; i < size; i++) {
        const deviation = Math.fround((encoded.standardDeviation[i] ?? 0) * (posterior[r * size + i] ?? 0))
        latents[r * size + i] = Math.fround((encoded.mean[i] ?? 0) + deviation) * scale
      }
    }
    const used = ids.slice(0, rows)
    return {
      latents,
      noise: noise.slice(0, rows * size),
      timesteps: Array.from(row(tensors, "timesteps", index).subarray(0, rows)),
      text: settings.te
        ? { kind: "ids", ids: used }
        : { kind: "states", states: joined(states.slice(0, rows)), tokens: used[0]?.length ?? 0 },
      priorRows: settings.prior ? rows / 2 : 0,
    }
  }
  return { model, height: height / model.scaleFactor, width: width / model.scaleFactor, microBatch }
}

export function trainerOf(
  { model, height, width }: Pick<TrainingInputs, "model" | "height" | "width">,
  { parameters, tuning }: Trainable,
  settings: TrainingSettings,
  mode: "recompute" | "save" = "recompute",
): Trainer {
  const { betas = [0.9, 0.999], eps = 1e-8, weight_decay: weightDecay = 0.01 } = settings
  const { schedulerConfig } = model.folder
  return createTrainer({
    model,
    tuning,
    trainable: parameters,
    height,
    width,
    mode,
    machine,
    noiseScheduler: trainingScheduler(schedulerConfig),
    predictionType: schedulerConfig.prediction_type === "v_prediction" ? "v_prediction" : "epsilon",
    optimiser: new AdamW({ betas, epsilon: eps, weightDecay }),
    gradientAccumulationSteps: settings.accum ?? 1,
    maxGradNorm: settings.max_grad_norm ?? 1,
    priorLossWeight: settings.plw ?? 1,
    snrGamma: settings.snr,
    trainTextEncoder: settings.te ?? false,
  })
}

interface Posterior {
  readonly mean: Float32Array
  readonly standardDeviation: Float32Array
}

/** Mean and standard deviation of the latents of every picture [n, 3, h, w] of `name`. */
export async function encodeImages(
  model: StableDiffusion,
  tensors: ReferenceTensors,
  name = "pixel_pool",
): Promise<Posterior[]> {
  const [, , height = 0, width = 0] = tensors.get(name)?.shape ?? []
  const program = await vaeEncoderProgram(model, height, width, machine)
  const encoded: Posterior[] = []
  for (const image of rowsOf(tensors, name)) {
    const { mean, standardDeviation } = await program.run({ image: image.slice() })
    if (!(mean instanceof Float32Array && standardDeviation instanceof Float32Array))
      throw new Error("the encoder gave no float32 latents")
    encoded.push({ mean, standardDeviation })
  }
  await program.release()
  return encoded
}

function rowsOf(tensors: ReferenceTensors, name: string): Float32Array[] {
  const [count = 0] = tensors.get(name)?.shape ?? []
  const all = floats(tensors, name)
  const size = all.length / count
  return Array.from({ length: count }, (_, i) => all.subarray(i * size, (i + 1) * size))
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** One number of a file, such as "loss". */
export function scalar(tensors: ReferenceTensors, name: string): number {
  return asNumbers(tensors.get(name))[0] ?? Number.NaN
}
