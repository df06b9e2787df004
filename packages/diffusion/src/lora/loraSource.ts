/** The files behind the path of a LoRA: one file, or a folder in which PEFT has saved an adapter for each component. */

import { stat } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { openSafetensors, type SafetensorsFile } from "@fjord/engine"
import { isJsonObject, type JsonObject, readJsonObject } from "../folder/json.ts"
import type { LoraComponent } from "./loraKeys.ts"

export interface LoraSource {
  readonly file: SafetensorsFile
  /** Text of `lora_adapter_metadata`; see readAdapterMetadata. */
  readonly adapterMetadata: string | undefined
  /** The component that all keys belong to, where the file lies in a folder of its name. */
  readonly component?: LoraComponent
}

const components = ["unet", "text_encoder", "text_encoder_2"] as const
const weightsName = "adapter_model.safetensors"

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}

/** @throws one sentence for a folder without an adapter and for an adapter of another kind. */
export async function loraSources(path: string): Promise<LoraSource[]> {
  const folder = (await stat(path).catch(() => null))?.isDirectory() ?? false
  if (!folder) {
    const config = join(dirname(path), "adapter_config.json")
    if (basename(path) === weightsName && (await isThere(config))) return [await peftSource(dirname(path))]
    const file = await openSafetensors(path)
    return [{ file, adapterMetadata: file.metadata.lora_adapter_metadata }]
  }
  if (await isThere(join(path, "adapter_config.json"))) return [await peftSource(path)]
  const sources: LoraSource[] = []
  for (const component of components)
    if (await isThere(join(path, component, "adapter_config.json")))
      sources.push(await peftSource(join(path, component), component))
  if (sources.length > 0) return sources
  const plain = join(path, "pytorch_lora_weights.safetensors")
  if (await isThere(plain)) return loraSources(plain)
  throw new Error(
    `The folder ${path} holds no LoRA; looked for adapter_config.json, also in unet/ and text_encoder/, and for ` +
      "pytorch_lora_weights.safetensors.",
  )
}

async function peftSource(directory: string, component?: LoraComponent): Promise<LoraSource> {
  const config = await readJsonObject(join(directory, "adapter_config.json"), "The configuration of the PEFT adapter")
  if (config.peft_type !== "LORA")
    throw new Error(
      `The adapter in ${directory} is ${JSON.stringify(config.peft_type ?? null)}, which is not supported; use plain LoRA.`,
    )
  const weights = join(directory, weightsName)
  if (!(await isThere(weights)) && (await isThere(join(directory, "adapter_model.bin"))))
    throw new Error(
      `The adapter in ${directory} has its weights only as adapter_model.bin, a pickle, which is never read because ` +
        "opening it can run code; convert it to safetensors.",
    )
  const own: JsonObject = {}
  for (const name of component === undefined ? components : [component])
    for (const key of ["lora_alpha", "alpha_pattern", "use_rslora", "use_dora"]) {
      const value = config[key]
      if (value !== undefined && value !== null && !(isJsonObject(value) && Object.keys(value).length === 0))
        own[`${name}.${key}`] = value
    }
  return {
    file: await openSafetensors(weights),
    adapterMetadata: JSON.stringify(own),
    ...(component && { component }),
  }
}
