/** The memory of training a UNet of which only the configuration is known: what a machine can do, said before any download. */

import { AdamW, AdamW8bit, Graph, type MemoryMode, size } from "@fjord/engine"
import { type ClipTextConfig, clipTextEncoder } from "../models/clipTextEncoder.ts"
import { newModelConfigs } from "../models/newModelConfigs.ts"
import { clipTextParameterShapes, type ParameterShapes, unetParameterShapes } from "../models/parameterShapes.ts"
import { Params } from "../models/params.ts"
import { unet } from "../models/unet.ts"
import { type UnetConfig, unetConfigSchema } from "../models/unetConfig.ts"
import { estimateMemory, type MemoryEstimate } from "./memoryEstimate.ts"
import { type LoraConfig, loraTrainable } from "./trainable.ts"

/** The published Stable Diffusion 1.5. */
export const sd15Unet: UnetConfig = unetConfigSchema.parse(newModelConfigs.sd15.unet)

export interface PlannedTraining {
  readonly method: "lora" | "full"
  readonly use8bitAdam: boolean
  readonly mode: MemoryMode
  /** Of a square image's latents: 64 for 512 pixels. */
  readonly latentSide: number
  /** Images of a micro-batch, class images included; 1 if absent. */
  readonly rows?: number
  /** Rank 4 on attention if absent. */
  readonly lora?: Omit<LoraConfig, "trainTextEncoder">
  /** The text encoder, where it learns too. */
  readonly learningText?: ClipTextConfig
  /** Of a padded prompt; 77, as Stable Diffusion's, if absent. */
  readonly tokens?: number
}

/** A component that is known by the shapes of its weights. */
function plannedComponent(name: string, shapes: ParameterShapes) {
  return {
    weights: new Map([...shapes].map(([key, shape]) => [key, { shape, dataType: "F32" }])),
    bytes: [...shapes].map(([key, shape]) => [`${name}.${key}`, { byteLength: 4 * size(shape) }] as const),
  }
}

/** The graph of a micro-batch, weights as float32. */
export function planTraining(config: UnetConfig, planned: PlannedTraining) {
  const { method, latentSide, rows = 1, learningText, tokens = 77 } = planned
  const own = plannedComponent("unet", unetParameterShapes(config))
  const text = learningText && plannedComponent("text_encoder", clipTextParameterShapes(learningText))
  const model = { folder: { unet: own, textEncoder: text ?? { weights: new Map() } } }
  const loraConfig = { ...(planned.lora ?? rank4), trainTextEncoder: text !== undefined }
  // Only the lengths of the weights matter.
  const lora = loraTrainable(model, loraConfig, { uniform: (_low, _high, count) => new Float32Array(count) })
  const full = method === "full"
  const graph = new Graph()
  const { unetAdapters, textAdapters } = lora.tuning
  const paramsOf = (component: "unet" | "text_encoder", weights: typeof own.weights) =>
    new Params(graph, weights, {
      component,
      adapters: full ? new Map() : component === "unet" ? unetAdapters : textAdapters,
    })
  const sample = graph.input("sample", [rows, config.in_channels, latentSide, latentSide])
  const timesteps = graph.input("timesteps", [rows])
  const context =
    learningText && text
      ? clipTextEncoder(
          paramsOf("text_encoder", text.weights),
          graph.input("ids", [rows, tokens], "int64"),
          learningText,
        ).lastHiddenState
      : graph.input("context", [rows, tokens, contextChannels(config)])
  const bytes = new Map([...own.bytes, ...(text?.bytes ?? [])])
  return {
    graph,
    prediction: unet(paramsOf("unet", own.weights), { sample, timesteps, context }, config),
    trainable: full ? bytes : lora.parameters,
    frozenBytes: full ? 0 : bytes.values().reduce((sum, { byteLength }) => sum + byteLength, 0),
  }
}

export function planTrainingMemory(config: UnetConfig, planned: PlannedTraining): MemoryEstimate {
  const { bytesPerParameter } = planned.use8bitAdam ? new AdamW8bit() : new AdamW()
  const plan = planTraining(config, planned)
  return estimateMemory({ ...plan, mode: planned.mode, optimiserBytesPerParameter: bytesPerParameter })
}

const rank4 = {
  rank: 4,
  loraAlpha: 4,
  loraTargetModules: "attention",
  loraConvolutions: false,
} as const

function contextChannels({ cross_attention_dim }: UnetConfig): number {
  return typeof cross_attention_dim === "number" ? cross_attention_dim : (cross_attention_dim[0] ?? 0)
}
