/** How long a training run will take, how much memory and disk, from its model's configurations and the machine's measured speed alone. */

import { AdamW, AdamW8bit, Graph, type MemoryMode, operationsOf, planStages, size, type Tensor } from "@fjord/engine"
import { clipTextConfigSchema } from "../models/clipTextEncoder.ts"
import { clipTextParameterShapes, type ParameterShapes, vaeParameterShapes } from "../models/parameterShapes.ts"
import { Params } from "../models/params.ts"
import { unetConfigSchema } from "../models/unetConfig.ts"
import { type VaeConfig, vaeConfigSchema, vaeDecoder, vaeEncoder } from "../models/vae.ts"
import { type DiskNeed, diskOf } from "./diskRoom.ts"
import { memoryOfStages } from "./memoryEstimate.ts"
import { type PlannedTraining, planTraining } from "./plannedMemory.ts"

/** Measured, see `measureMachine`. */
export interface MachineSpeed {
  /** Multiplications and additions per second of a large product of matrices. */
  readonly operationsPerSecond: number
  /** What a session costs beside its arithmetic. */
  readonly secondsPerSession: number
  /** Weights that AdamW moves in a second. */
  readonly parametersPerSecond: number
}

export interface PlannedRun {
  /** config.json of the model's parts, as they lie in its folder. */
  readonly configs: { readonly unet: unknown; readonly vae: unknown; readonly textEncoder: unknown }
  readonly training: Pick<PlannedTraining, "method" | "use8bitAdam" | "lora"> & {
    readonly trainTextEncoder: boolean
    readonly memoryMode: MemoryMode | "auto"
    readonly resolution: number
    /** Images of a micro-batch, class images included. */
    readonly rows: number
    readonly microBatches: number
    readonly steps: number
  }
  /** Pictures that are encoded, and images that are drawn in so many denoising steps of so many rows. */
  readonly pictures: number
  readonly drawn: { readonly images: number; readonly steps: number; readonly rows: number }
  readonly speed: MachineSpeed
  /** Of the machine, in bytes; nine tenths are for the run. */
  readonly memoryBytes: number
}

export interface RunForecast {
  readonly secondsPerStep: number
  /** Pictures encoded, steps, and images drawn on the way. */
  readonly seconds: number
  readonly memoryBytes: number
  readonly mode: MemoryMode
  /** Weights that are not trained counted as float32; a 16-bit model's take half. */
  readonly disk: DiskNeed
}

/**
 * Seconds of an operation compared with one of a large product of matrices: SD 1.5 at 512 pixels, a LoRA, CPU (the ratios of
 * bench/README.md over the operations counted here).
 */
const forwardFactor = 0.9
const backwardFactor = 1.65

const bytesOf = (shapes: ParameterShapes): number => {
  let sum = 0
  for (const [, shape] of shapes) sum += Float32Array.BYTES_PER_ELEMENT * size(shape)
  return sum
}

const total = (tensors: Iterable<Tensor>): number => {
  let sum = 0
  for (const tensor of tensors) sum += operationsOf(tensor)
  return sum
}

/** @throws ZodError where a configuration is none of Stable Diffusion 1.x or 2.x. */
export function planRun({ configs, training, pictures, drawn, speed, memoryBytes }: PlannedRun): RunForecast {
  const unet = unetConfigSchema.parse(configs.unet)
  const vae = vaeConfigSchema.parse(configs.vae)
  const latentSide = Math.max(1, Math.floor(training.resolution / 2 ** (vae.block_out_channels.length - 1)))
  const text = clipTextConfigSchema.parse(configs.textEncoder)
  const tokens = text.max_position_embeddings
  const { bytesPerParameter } = training.use8bitAdam ? new AdamW8bit() : new AdamW()

  const inMode = (mode: MemoryMode) => {
    const planned = { ...training, latentSide, tokens, mode, ...(training.trainTextEncoder && { learningText: text }) }
    const plan = planTraining(unet, planned)
    const stages = planStages(plan.graph, plan.prediction, { mode, trainable: new Set(plan.trainable.keys()) })
    const memory = memoryOfStages(stages, { ...plan, optimiserBytesPerParameter: bytesPerParameter })
    return { plan, stages, memory: memory.total, mode }
  }
  const wanted = training.memoryMode
  const quick = wanted === "recompute" ? undefined : inMode("save")
  const chosen =
    quick !== undefined && (wanted === "save" || quick.memory <= 0.9 * memoryBytes) ? quick : inMode("recompute")

  const secondsOf = (operations: number, sessions: number, factor = forwardFactor) =>
    (factor * operations) / speed.operationsPerSecond + sessions * speed.secondsPerSession
  const { forward, backward } = chosen.stages
  const sum = (stages: typeof forward) => stages.reduce((operations, { computed }) => operations + total(computed), 0)
  const microBatch = secondsOf(sum(forward), forward.length) + secondsOf(sum(backward), backward.length, backwardFactor)
  const trained = chosen.plan.trainable.values().reduce((count, { byteLength }) => count + byteLength / 4, 0)
  const secondsPerStep = training.microBatches * microBatch + trained / speed.parametersPerSecond
  const { rows } = drawn
  const drawing = planTraining(unet, { method: "full", use8bitAdam: false, mode: "save", latentSide, tokens, rows })
  const image = drawn.steps * secondsOf(total(drawing.graph.tensors), 1) + secondsOf(decoding(vae, latentSide), 1)
  return {
    secondsPerStep,
    seconds:
      training.steps * secondsPerStep +
      pictures * secondsOf(encoding(vae, training.resolution), 1) +
      drawn.images * image,
    memoryBytes: Math.round(chosen.memory),
    mode: chosen.mode,
    disk: diskOf(training.method, {
      values: trained,
      untrainedBytes:
        bytesOf(vaeParameterShapes(vae)) + (training.trainTextEncoder ? 0 : bytesOf(clipTextParameterShapes(text))),
      optimiserBytesPerParameter: bytesPerParameter,
    }),
  }
}

const vaeParams = (graph: Graph, vae: VaeConfig) =>
  new Params(graph, new Map([...vaeParameterShapes(vae)].map(([key, shape]) => [key, { shape, dataType: "F32" }])), {
    component: "vae",
  })

function encoding(vae: VaeConfig, side: number): number {
  const graph = new Graph()
  vaeEncoder(vaeParams(graph, vae), graph.input("image", [1, vae.in_channels, side, side]), vae)
  return total(graph.tensors)
}

function decoding(vae: VaeConfig, side: number): number {
  const graph = new Graph()
  vaeDecoder(vaeParams(graph, vae), graph.input("latents", [1, vae.latent_channels, side, side]), vae)
  return total(graph.tensors)
}
