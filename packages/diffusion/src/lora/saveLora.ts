/** Writing LoRA files: the diffusers form and, beside it, the kohya form that A1111 and ComfyUI users expect. */
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { writeSafetensors } from "@fjord/engine"
import type { LoraFile, LoraLayer } from "./loadLora.ts"
import { diffusersTensors, kohyaTensors } from "./loraForms.ts"
import { writeAdapterMetadata } from "./loraMetadata.ts"

export interface SaveLoraOptions {
  /** Stem of the kohya file: `<name>_kohya.safetensors`. */
  readonly name: string
  /** Strings for the kohya file (ss_*, modelspec.*); no dates, so that equal runs give equal bytes. */
  readonly kohyaMetadata?: Readonly<Record<string, string>>
  /** Name the first text encoder `lora_te1_`, as SDXL does. */
  readonly numberedTextEncoders?: boolean
  /** Type of down and up; alpha stays float32. */
  readonly dataType?: LoraFile["dataType"]
}

/** kohya's summary strings, as far as the layers say them; "Dynamic" is LyCORIS' and sd-scripts' word for mixed ranks. */
export function kohyaSummary(layers: readonly LoraLayer[]): Record<string, string> {
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
  { name, kohyaMetadata = {}, numberedTextEncoders = false, dataType = "F32" }: SaveLoraOptions,
): Promise<{ readonly diffusersPath: string; readonly kohyaPath: string }> {
  if (name === "" || /[/\\\0]/.test(name)) {
    throw new Error(`The LoRA file name ${JSON.stringify(name)} is no plain name; give one without slashes.`)
  }
  const ordered = layers.toSorted((a, b) => {
    const [left, right] = [`${a.component}.${a.module}`, `${b.component}.${b.module}`]
    return left < right ? -1 : left > right ? 1 : 0
  })
  await mkdir(directory, { recursive: true })
  const diffusersPath = join(directory, "pytorch_lora_weights.safetensors")
  const kohyaPath = join(directory, `${name}_kohya.safetensors`)
  const metadata = { format: "pt", lora_adapter_metadata: writeAdapterMetadata(ordered) }
  await writeSafetensors(diffusersPath, diffusersTensors(ordered, dataType), metadata)
  const summary = { ...kohyaSummary(layers), ...kohyaMetadata, format: "pt" }
  await writeSafetensors(kohyaPath, kohyaTensors(ordered, numberedTextEncoders, dataType), summary)
  return { diffusersPath, kohyaPath }
}
