/** Writing LoRA files: the diffusers form and, beside it, the kohya form that A1111 and ComfyUI users expect. */
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { writeSafetensors } from "@fjord/engine"
import type { LoraLayer } from "./loadLora.ts"
import { diffusersKey, kohyaModuleName } from "./loraKeys.ts"
import { writeAdapterMetadata } from "./loraMetadata.ts"

export interface SaveLoraOptions {
  /** Stem of the kohya file: `<name>_kohya.safetensors`. */
  readonly name: string
  /** Strings for the kohya file (ss_*, modelspec.*); no dates, so that equal runs give equal bytes. */
  readonly kohyaMetadata?: Readonly<Record<string, string>>
  /** Name the first text encoder `lora_te1_`, as SDXL does. */
  readonly numberedTextEncoders?: boolean
}

interface FloatTensor {
  readonly name: string
  readonly dataType: "F32"
  readonly shape: readonly number[]
  readonly data: Float32Array
}

function floatTensor(name: string, shape: readonly number[], data: Float32Array): FloatTensor {
  return { name, dataType: "F32", shape, data }
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

function byName(a: FloatTensor, b: FloatTensor): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

/** kohya's summary strings, as far as the layers say them; "Dynamic" is LyCORIS' and sd-scripts' word for mixed ranks. */
function kohyaSummary(layers: readonly LoraLayer[]): Record<string, string> {
  const only = (values: ReadonlySet<number>) => (values.size === 1 ? String([...values][0]) : "Dynamic")
  return {
    ss_network_module: "networks.lora",
    ss_network_dim: only(new Set(layers.map((layer) => layer.rank))),
    ss_network_alpha: only(new Set(layers.map((layer) => layer.alpha))),
  }
}

/**
 * Writes `pytorch_lora_weights.safetensors` (diffusers keys, alpha folded into up, lora_adapter_metadata that agrees)
 * and `<name>_kohya.safetensors` (original alpha as `.alpha` scalars) into a directory, which is made if need be.
 * Bytes depend on the arguments alone. Text encoder keys have the published `text_encoder.text_model.` form.
 */
export async function saveLora(
  directory: string,
  layers: readonly LoraLayer[],
  { name, kohyaMetadata = {}, numberedTextEncoders = false }: SaveLoraOptions,
): Promise<{ readonly diffusersPath: string; readonly kohyaPath: string }> {
  if (name === "" || /[/\\\0]/.test(name)) {
    throw new Error(`The LoRA file name ${JSON.stringify(name)} is no plain name; give one without slashes.`)
  }
  const ordered = layers.toSorted((a, b) => {
    const [left, right] = [`${a.component}.${a.module}`, `${b.component}.${b.module}`]
    return left < right ? -1 : left > right ? 1 : 0
  })
  const plain: FloatTensor[] = []
  const kohya: FloatTensor[] = []
  for (const layer of ordered) {
    const { component, module, down, up, alpha } = layer
    plain.push(floatTensor(diffusersKey(component, module, "down"), down.shape, down.data))
    plain.push(floatTensor(diffusersKey(component, module, "up"), up.shape, foldAlpha(layer).up.data))
    const prefix = kohyaModuleName(component, module, numberedTextEncoders)
    kohya.push(floatTensor(`${prefix}.alpha`, [], Float32Array.of(alpha)))
    kohya.push(floatTensor(`${prefix}.lora_down.weight`, down.shape, down.data))
    kohya.push(floatTensor(`${prefix}.lora_up.weight`, up.shape, up.data))
  }
  await mkdir(directory, { recursive: true })
  const diffusersPath = join(directory, "pytorch_lora_weights.safetensors")
  const kohyaPath = join(directory, `${name}_kohya.safetensors`)
  const metadata = { format: "pt", lora_adapter_metadata: writeAdapterMetadata(ordered) }
  await writeSafetensors(diffusersPath, plain.sort(byName), metadata)
  await writeSafetensors(kohyaPath, kohya.sort(byName), { ...kohyaSummary(layers), ...kohyaMetadata, format: "pt" })
  return { diffusersPath, kohyaPath }
}
