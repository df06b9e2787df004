/** Which weights a run learns, and their first values. */

import type { TrainingConfig } from "@fjord/contracts"
import { readFloat32, shared, type Weight, type Weights } from "@fjord/engine"
import type { WeightedComponent } from "../folder/modelFolder.ts"
import type { LoraLayer } from "../lora/loadLora.ts"
import type { Adapter } from "../models/params.ts"
import type { TorchGenerator } from "../random/torchGenerator.ts"
import type { StableDiffusion, Tuning } from "../stableDiffusion.ts"

export interface Trainable {
  /** By graph name (`unet.conv_in.weight`), updated in place; those of a full run are shared by the optimiser's threads. */
  readonly parameters: ReadonlyMap<string, Float32Array>
  readonly tuning: Tuning
  /** The layers of a LoRA, empty for a full run. */
  readonly lora: readonly LoraLayer[]
}

/** A full run: every weight of the UNet, and of the text encoder where wanted, as float32. */
export async function fullTrainable(model: StableDiffusion, trainTextEncoder: boolean): Promise<Trainable> {
  const parameters = new Map<string, Float32Array>()
  const components = [
    ["unet", model.folder.unet],
    ...(trainTextEncoder ? [["text_encoder", model.folder.textEncoder]] : []),
  ]
  for (const [name, component] of components as [string, WeightedComponent][])
    for (const [key, { file, key: stored }] of component.weights)
      parameters.set(`${name}.${key}`, shared(await readFloat32(file, stored)))
  return {
    parameters,
    tuning: { weights: inMemory(parameters), unetAdapters: new Map(), textAdapters: new Map() },
    lora: [],
  }
}

export type LoraConfig = Pick<
  TrainingConfig,
  "rank" | "loraAlpha" | "loraTargetModules" | "loraConvolutions" | "trainTextEncoder"
>

/** What a LoRA needs to know of a model. */
interface KnownShapes {
  readonly folder: { readonly [component in "unet" | "textEncoder"]: { readonly weights: Weighted } }
}
type Weighted = ReadonlyMap<string, { readonly shape: readonly number[] }>

/** A LoRA run: A drawn as torch.nn.Linear's weights are (Kaiming uniform, a = √5), B zero (Hu et al. 2021, §4.1). */
export function loraTrainable(
  model: KnownShapes,
  config: LoraConfig,
  generator: Pick<TorchGenerator, "uniform">,
): Trainable {
  const layers: LoraLayer[] = []
  for (const [key, { shape }] of model.folder.unet.weights)
    if (unetTarget(key, shape, config)) layers.push(newLayer("unet", key, shape, config, generator))
  if (config.trainTextEncoder)
    for (const [key, { shape }] of model.folder.textEncoder.weights)
      if (/\.self_attn\.(q|k|v|out)_proj\.weight$/.test(key))
        layers.push(newLayer("text_encoder", key, shape, config, generator))
  return trainableFromLayers(layers)
}

/** Makes the graph's adapters of LoRA layers; their arrays are trained in place. */
export function trainableFromLayers(lora: readonly LoraLayer[]): Trainable {
  const parameters = new Map<string, Float32Array>()
  const adapters: Record<string, Map<string, readonly Adapter[]>> = { unet: new Map(), text_encoder: new Map() }
  for (const { component, module, rank, alpha, down, up } of lora) {
    adapters[component]?.set(module, [{ rank, scale: alpha / rank }])
    parameters.set(`${component}.${module}.lora_A.weight`, down.data)
    parameters.set(`${component}.${module}.lora_B.weight`, up.data)
  }
  const { unet: unetAdapters = new Map(), text_encoder: textAdapters = new Map() } = adapters
  return { parameters, tuning: { weights: inMemory(parameters), unetAdapters, textAdapters }, lora }
}

/** LoRA files stacked at generation, each with the user's weight. */
export function stackedTuning(
  files: readonly { readonly layers: readonly LoraLayer[]; readonly weight: number }[],
): Tuning {
  const weights = new Map<string, Weight>()
  const adapters = {
    unet: new Map<string, Adapter[]>(),
    text_encoder: new Map<string, Adapter[]>(),
    text_encoder_2: new Map<string, Adapter[]>(),
  }
  for (const [i, { layers, weight }] of files.entries())
    for (const { component, module, rank, alpha, down, up } of layers) {
      const name = `${i}`
      const stack = adapters[component].get(module) ?? []
      adapters[component].set(module, [...stack, { rank, scale: (weight * alpha) / rank, name }])
      weights.set(`${component}.${module}.lora_A.${name}.weight`, { kind: "memory", values: down.data })
      weights.set(`${component}.${module}.lora_B.${name}.weight`, { kind: "memory", values: up.data })
    }
  return {
    weights,
    unetAdapters: adapters.unet,
    textAdapters: adapters.text_encoder,
    secondTextAdapters: adapters.text_encoder_2,
  }
}

function inMemory(parameters: ReadonlyMap<string, Float32Array>): Weights {
  return new Map([...parameters].map(([name, values]): [string, Weight] => [name, { kind: "memory", values }]))
}

function unetTarget(key: string, shape: readonly number[], config: LoraConfig): boolean {
  if (!key.endsWith(".weight")) return false
  if (/\.attn[12]\.(to_q|to_k|to_v|to_out\.0)\.weight$/.test(key)) return true
  if (config.loraTargetModules === "attention_and_feed_forward" && /\.ff\.net\.(0\.proj|2)\.weight$/.test(key))
    return true
  return config.loraConvolutions && shape.length === 4
}

function newLayer(
  component: "unet" | "text_encoder",
  key: string,
  [out = 0, into = 0, kh, kw]: readonly number[],
  { rank, loraAlpha }: LoraConfig,
  generator: Pick<TorchGenerator, "uniform">,
): LoraLayer {
  const kernel = kh === undefined || kw === undefined ? [] : [kh, kw]
  const fanIn = into * kernel.reduce((product, n) => product * n, 1)
  const bound = 1 / Math.sqrt(fanIn)
  return {
    component,
    module: key.slice(0, -".weight".length),
    rank,
    alpha: loraAlpha,
    down: { shape: [rank, into, ...kernel], data: generator.uniform(-bound, bound, rank * fanIn) },
    up: { shape: [out, rank, ...kernel.map(() => 1)], data: new Float32Array(out * rank) },
  }
}
