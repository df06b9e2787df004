/** The memory of training a UNet of which only the configuration is known: what a machine can do, said before any download. */

import { AdamW, AdamW8bit, Graph, type MemoryMode, size } from "@fjord/engine"
import { newModelConfigs } from "../models/newModelConfigs.ts"
import { unetParameterShapes } from "../models/parameterShapes.ts"
import { Params } from "../models/params.ts"
import { unet } from "../models/unet.ts"
import { type UnetConfig, unetConfigSchema } from "../models/unetConfig.ts"
import { TorchGenerator } from "../random/torchGenerator.ts"
import { estimateMemory, type MemoryEstimate } from "./memoryEstimate.ts"
import { loraTrainable } from "./trainable.ts"

/** The published Stable Diffusion 1.5. */
export const sd15Unet: UnetConfig = unetConfigSchema.parse(newModelConfigs.sd15.unet)

export interface PlannedTraining {
  readonly method: "lora" | "full"
  readonly use8bitAdam: boolean
  readonly mode: MemoryMode
  /** Of a square image's latents: 64 for 512 pixels. */
  readonly latentSide: number
}

/** The graph of batch size 1, weights as float32, prompts of 77 tokens; a LoRA of rank 4 on attention. */
export function planTraining(config: UnetConfig, { method, latentSide }: PlannedTraining) {
  const shapes = unetParameterShapes(config)
  const weights = new Map([...shapes].map(([key, shape]) => [key, { shape, dataType: "F32" }]))
  const bytes = new Map([...shapes].map(([key, shape]) => [`unet.${key}`, { byteLength: 4 * size(shape) }]))
  const model = { folder: { unet: { weights }, textEncoder: { weights: new Map() } } }
  const lora = loraTrainable(model, rank4, new TorchGenerator(0))
  const full = method === "full"
  const graph = new Graph()
  const adapters = full ? new Map() : lora.tuning.unetAdapters
  const inputs = {
    sample: graph.input("sample", [1, config.in_channels, latentSide, latentSide]),
    timesteps: graph.input("timesteps", [1]),
    context: graph.input("context", [1, 77, contextChannels(config)]),
  }
  return {
    graph,
    prediction: unet(new Params(graph, weights, { component: "unet", adapters }), inputs, config),
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
  trainTextEncoder: false,
} as const

function contextChannels({ cross_attention_dim }: UnetConfig): number {
  return typeof cross_attention_dim === "number" ? cross_attention_dim : (cross_attention_dim[0] ?? 0)
}
