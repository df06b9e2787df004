/** The training step: a pipeline over UNet (and text encoder), gradients accumulated, clipped and handed to the optimiser. */

import {
  clipCoefficient,
  createPipeline,
  Graph,
  giveBack,
  type MemoryMode,
  type Optimiser,
  type Pipeline,
  scaleInPlace,
  sumOfSquares,
  type Tensor,
  type Weight,
} from "@fjord/engine"
import { clipTextEncoder } from "../models/clipTextEncoder.ts"
import { Params } from "../models/params.ts"
import { unet } from "../models/unet.ts"
import type { TrainingScheduler } from "../schedulers/scheduler.ts"
import { catalogue, type Machine, type StableDiffusion, type Tuning } from "../stableDiffusion.ts"
import { denoisingLoss, type Loss, minSnrWeight } from "./loss.ts"

/** The text side of a micro-batch: states where the text encoder is frozen, token ids where it learns. */
export type TextInput =
  | { readonly kind: "states"; readonly states: Float32Array; readonly tokens: number }
  | { readonly kind: "ids"; readonly ids: readonly (readonly number[])[] }

export interface MicroBatch {
  /** Clean latents times the scaling factor, [rows, c, h, w]. */
  readonly latents: Float32Array
  readonly noise: Float32Array
  readonly timesteps: readonly number[]
  readonly text: TextInput
  /** The last rows that are class images. */
  readonly priorRows: number
}

export interface TrainerOptions {
  readonly model: StableDiffusion
  readonly tuning: Tuning
  /** Trainable parameters by their graph name, updated in place. */
  readonly trainable: ReadonlyMap<string, Float32Array>
  readonly height: number
  readonly width: number
  readonly mode: MemoryMode
  readonly machine: Machine
  readonly noiseScheduler: TrainingScheduler
  readonly predictionType: "epsilon" | "v_prediction"
  readonly optimiser: Optimiser
  readonly gradientAccumulationSteps: number
  readonly maxGradNorm: number
  readonly priorLossWeight: number
  readonly snrGamma: number | undefined
  /** Learns beside the UNet. */
  readonly trainTextEncoder: boolean
  /** Called between blocks; throws to stop. */
  readonly betweenBlocks?: () => Promise<void> | void
}

export interface Trainer {
  /** Adds a micro-batch's gradients to those of the step. */
  accumulate(batch: MicroBatch): Promise<Loss & { readonly prediction: Float32Array }>
  /** Gradients so far, by parameter. */
  readonly gradients: ReadonlyMap<string, Float32Array>
  /** Clips, updates the weights and forgets the gradients. Returns the norm before clipping. */
  step(learningRateOf: (parameter: string) => number): number
  release(): Promise<void>
}

export function createTrainer(options: TrainerOptions): Trainer {
  const gradients = new Map<string, Float32Array>()
  const pipelines = new Map<string, Promise<Pipeline>>()

  return {
    gradients,
    async accumulate(batch) {
      const rows = batch.timesteps.length
      const tokens = batch.text.kind === "states" ? batch.text.tokens : (batch.text.ids[0]?.length ?? 0)
      const key = `${rows}×${tokens}`
      // Batches of another size (the last of an epoch, shorter prompts) get sessions of their own.
      if (!pipelines.has(key)) pipelines.set(key, preparePipeline(options, rows, tokens))
      const pipeline = await (pipelines.get(key) as Promise<Pipeline>)
      const { noiseScheduler, predictionType, snrGamma } = options
      const sample = noiseScheduler.addNoise(batch.latents, batch.noise, batch.timesteps)
      const target =
        predictionType === "epsilon"
          ? batch.noise
          : noiseScheduler.velocity(batch.latents, batch.noise, batch.timesteps)
      const text =
        batch.text.kind === "states"
          ? { context: batch.text.states }
          : { ids: BigInt64Array.from(batch.text.ids.flat(), BigInt) }
      const prediction = (await pipeline.forward({
        sample,
        timesteps: Float32Array.from(batch.timesteps),
        ...text,
      })) as Float32Array
      const loss = denoisingLoss({
        prediction,
        target,
        rows,
        priorRows: batch.priorRows,
        priorLossWeight: options.priorLossWeight,
        weights: batch.timesteps.map((t) =>
          snrGamma === undefined ? 1 : minSnrWeight(noiseScheduler.snr(t), snrGamma, predictionType),
        ),
        gradientScale: 1 / options.gradientAccumulationSteps,
      })
      if (Number.isFinite(loss.loss))
        await pipeline.backward(loss.gradient, (name, gradient) => {
          const sum = gradients.get(name)
          if (!sum) return void gradients.set(name, gradient)
          for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (gradient[i] as number)
          giveBack(gradient)
        })
      return { ...loss, prediction }
    },
    step(learningRateOf) {
      const { optimiser, maxGradNorm, trainable } = options
      let squares = 0
      for (const gradient of gradients.values()) squares += sumOfSquares(gradient)
      const norm = Math.sqrt(squares)
      const coefficient = clipCoefficient(norm, maxGradNorm)
      if (Number.isFinite(norm)) {
        optimiser.beginStep()
        for (const [name, weights] of trainable) {
          const gradient = gradients.get(name)
          if (!gradient) continue
          if (coefficient < 1) scaleInPlace(gradient, coefficient)
          optimiser.step(name, weights, gradient, learningRateOf(name))
        }
      }
      for (const gradient of gradients.values()) giveBack(gradient)
      gradients.clear()
      return norm
    },
    async release() {
      for (const pipeline of pipelines.values()) await (await pipeline).release()
    },
  }
}

/** The graph that is trained, for one batch size and prompt length: its output is the UNet's prediction. */
export function trainingGraph(
  {
    model,
    tuning,
    height,
    width,
    trainTextEncoder,
  }: Pick<TrainerOptions, "model" | "tuning" | "height" | "width" | "trainTextEncoder">,
  rows: number,
  tokens: number,
): { readonly graph: Graph; readonly prediction: Tensor } {
  const graph = new Graph()
  const sample = graph.input("sample", [rows, model.unetConfig.in_channels, height, width])
  const timesteps = graph.input("timesteps", [rows])
  const textParams = new Params(graph, catalogue(model.folder.textEncoder, "text_encoder", tuning.weights), {
    component: "text_encoder",
    adapters: tuning.textAdapters,
  })
  const context = trainTextEncoder
    ? clipTextEncoder(textParams, graph.input("ids", [rows, tokens], "int64"), model.textConfig).lastHiddenState
    : graph.input("context", [rows, tokens, model.textConfig.hidden_size])
  const unetParams = new Params(graph, catalogue(model.folder.unet, "unet", tuning.weights), {
    component: "unet",
    adapters: tuning.unetAdapters,
  })
  return { graph, prediction: unet(unetParams, { sample, timesteps, context }, model.unetConfig) }
}

function preparePipeline(options: TrainerOptions, rows: number, tokens: number): Promise<Pipeline> {
  const { graph, prediction } = trainingGraph(options, rows, tokens)
  const learned = [...options.trainable].map(([name, values]): [string, Weight] => [name, { kind: "memory", values }])
  return createPipeline(graph, prediction, {
    ...options.machine,
    mode: options.mode,
    trainable: new Set(options.trainable.keys()),
    weights: new Map([...options.model.weights, ...options.tuning.weights, ...learned]),
    ...(options.betweenBlocks && { betweenBlocks: options.betweenBlocks }),
  })
}
