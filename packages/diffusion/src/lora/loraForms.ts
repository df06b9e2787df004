/** The forms in which LoRA tensors are stored: diffusers', kohya's and PEFT's keys. */

import { float32ToBfloat16, float32ToFloat16, type NamedTensor } from "@fjord/engine"
import type { JsonObject } from "../folder/json.ts"
import type { LoraFile, LoraLayer, LoraMatrix } from "./loadLora.ts"
import { diffusersKey, kohyaModuleName, type LoraComponent, peftKey } from "./loraKeys.ts"

type LoraType = LoraFile["dataType"]

function tensorOf(name: string, { shape, data }: LoraMatrix, type: LoraType): NamedTensor {
  if (type === "F16") return { name, dataType: type, shape, data: float32ToFloat16(data) }
  if (type === "BF16") return { name, dataType: type, shape, data: float32ToBfloat16(data) }
  return { name, dataType: type, shape, data }
}

function sorted(tensors: NamedTensor[]): NamedTensor[] {
  return tensors.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The same layer with alpha = rank: up is scaled by alpha / rank. Plain diffusers keys can say nothing else. */
export function foldAlpha(layer: LoraLayer): LoraLayer {
  if (layer.alpha === layer.rank) return layer
  // float32, as the kohya file stores alpha: both files then say exactly the same.
  const scale = Math.fround(layer.alpha) / layer.rank
  return {
    ...layer,
    alpha: layer.rank,
    up: { shape: layer.up.shape, data: layer.up.data.map((value) => value * scale) },
  }
}

/** diffusers' keys, alpha folded into up. */
export function diffusersTensors(layers: readonly LoraLayer[], type: LoraType = "F32"): NamedTensor[] {
  return sorted(
    layers
      .map(foldAlpha)
      .flatMap(({ component, module, down, up }) => [
        tensorOf(diffusersKey(component, module, "down"), down, type),
        tensorOf(diffusersKey(component, module, "up"), up, type),
      ]),
  )
}

/** kohya's keys, with the alpha of each layer. `numbered` names the first text encoder `lora_te1_`, as SDXL does. */
export function kohyaTensors(layers: readonly LoraLayer[], numbered: boolean, type: LoraType = "F32"): NamedTensor[] {
  return sorted(
    layers.flatMap(({ component, module, down, up, alpha }) => {
      const prefix = kohyaModuleName(component, module, numbered)
      return [
        tensorOf(`${prefix}.alpha`, { shape: [], data: Float32Array.of(alpha) }, "F32"),
        tensorOf(`${prefix}.lora_down.weight`, down, type),
        tensorOf(`${prefix}.lora_up.weight`, up, type),
      ]
    }),
  )
}

/** PEFT's keys of one component's adapter; alpha is in its configuration. */
export function peftTensors(layers: readonly LoraLayer[], type: LoraType = "F32"): NamedTensor[] {
  return sorted(
    layers.flatMap(({ module, down, up }) => [
      tensorOf(peftKey(module, "down"), down, type),
      tensorOf(peftKey(module, "up"), up, type),
    ]),
  )
}

/** adapter_config.json of one component's adapter: the commonest rank and alpha, and the modules that differ. */
export function peftConfig(layers: readonly LoraLayer[], component: LoraComponent): JsonObject {
  const rank = commonest(layers.map((layer) => layer.rank))
  const alpha = commonest(layers.map((layer) => layer.alpha))
  // PEFT matches patterns by their end, so the name without the outer module fits both ages of transformers.
  const nameOf = ({ module }: LoraLayer) => module.replace(/^text_model\./, "")
  const others = (value: (layer: LoraLayer) => number, usual: number) =>
    Object.fromEntries(layers.filter((layer) => value(layer) !== usual).map((layer) => [nameOf(layer), value(layer)]))
  return {
    alpha_pattern: others((layer) => layer.alpha, alpha),
    base_model_name_or_path: null,
    bias: "none",
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    lora_alpha: alpha,
    lora_dropout: 0,
    modules_to_save: null,
    peft_type: "LORA",
    r: rank,
    rank_pattern: others((layer) => layer.rank, rank),
    target_modules: layers.map(nameOf),
    task_type: component === "unet" ? null : "FEATURE_EXTRACTION",
    use_dora: false,
    use_rslora: false,
  }
}

function commonest(values: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || a - b)[0]?.[0] ?? 1
}
