/** A diffusers folder as one .safetensors file, the form that A1111, ComfyUI and others load. */

import { mkdir } from "node:fs/promises"
import { basename, dirname, resolve } from "node:path"
import { type StreamedTensor, streamSafetensors } from "@fjord/engine"
import type { JsonObject } from "../folder/json.ts"
import { type ModelFolder, openModelFolder, type WeightedComponent } from "../folder/modelFolder.ts"
import { unseenOptions } from "./checkpointConfigs.ts"
import { type Family, familyNames, textPrefixes, unetPrefix, vaePrefix } from "./checkpointKind.ts"
import { architectureOf, familyOfFolder, predictionOf } from "./folderFamily.ts"
import { configMetadataKey } from "./importCheckpoint.ts"
import {
  isVaeProjection,
  type OriginalNames,
  openClipOriginalNames,
  unetOriginalNames,
  vaeOriginalNames,
} from "./originalNames.ts"
import { copied, type StoredTensor, type WeightType } from "./storedTensor.ts"
import { refuseExisting, type TransferOptions, type TransferResult, watched } from "./transfer.ts"

export interface ExportCheckpointOptions extends TransferOptions {
  /** Type of the weights; absent keeps each tensor's own. */
  readonly dataType?: WeightType | undefined
}

/**
 * Writes the file `path` from the folder `directory`: the weights of UNet, VAE and text encoders under their original
 * names, larger types first and then by name, as the safetensors library orders them. What the format has no place for
 * (tokenizer, scheduler) is left out; what no shape shows goes into the metadata.
 */
export async function exportCheckpoint(
  directory: string,
  path: string,
  options: ExportCheckpointOptions = {},
): Promise<TransferResult> {
  if (!path.endsWith(".safetensors")) throw new Error(`${path} must end in .safetensors.`)
  const target = resolve(path)
  await refuseExisting(target)
  const folder = await openModelFolder(directory)
  const family = familyOfFolder(folder)
  const tensors = [
    ...componentTensors(folder.unet, unetPrefix, unetOriginalNames([...folder.unet.weights.keys()]), options),
    ...componentTensors(folder.vae, vaePrefix, vaeOriginalNames([...folder.vae.weights.keys()]), options),
    ...textPrefixes[family].flatMap(({ prefix, form }, i) => {
      const component = i === 0 ? folder.textEncoder : folder.textEncoder2
      if (component === null) return []
      const keys = [...component.weights.keys()]
      const names = form === "openClip" ? openClipOriginalNames(keys) : new Map(keys.map((key) => [key, key]))
      return componentTensors(component, prefix, names, options)
    }),
    ...markers(family, folder.schedulerConfig),
  ]
  const width = ({ dataType }: StreamedTensor) => (dataType === "F32" ? 4 : 2)
  tensors.sort((a, b) => width(b) - width(a) || (a.name < b.name ? -1 : 1))
  await mkdir(dirname(target), { recursive: true })
  await streamSafetensors(target, watched(basename(target), tensors, options), metadata(folder, family))
  const left = ["tokenizer", "scheduler", ...folder.extras].join(", ")
  return { output: target, notes: [`A single file has no place for ${left}; programs bring their own.`] }
}

function componentTensors(
  { weights }: WeightedComponent,
  prefix: string,
  names: OriginalNames,
  { dataType }: ExportCheckpointOptions,
): StreamedTensor[] {
  const groups = new Map<string, [StoredTensor, ...StoredTensor[]]>()
  // q, k and v of OpenCLIP share a name; in this order they are its parts.
  const rank = (key: string) => (/\.k_proj\./.test(key) ? 1 : /\.v_proj\./.test(key) ? 2 : 0)
  for (const [key, entry] of [...weights].sort(([a], [b]) => rank(a) - rank(b))) {
    const original = names.get(key) ?? key
    const stored = { ...entry, path: entry.file.path }
    const group = groups.get(original)
    if (group) group.push(stored)
    else groups.set(original, [stored])
  }
  return [...groups].map(([original, parts]) => {
    const [{ shape }] = parts
    const transposed = original === "text_projection"
    const asConvolution = isVaeProjection(original) ? { shape: [...shape, 1, 1] } : {}
    return copied(`${prefix}${original}`, parts, { dataType, transposed, ...asConvolution })
  })
}

/** The empty tensors by which models for SDXL say that they predict velocity. */
function markers(family: Family, scheduler: JsonObject): StreamedTensor[] {
  if (family !== "sdxl" || predictionOf(scheduler) !== "v_prediction") return []
  const names = ["v_pred", ...(scheduler.rescale_betas_zero_snr === true ? ["ztsnr"] : [])]
  return names.map((name) => ({ name, dataType: "F32", shape: [], bytes: () => [new Uint8Array(4)] }))
}

/** Stability AI's model metadata (github.com/Stability-AI/ModelSpec), and our own for a way back without loss. */
function metadata(folder: ModelFolder, family: Family): Record<string, string> {
  const prediction = predictionOf(folder.schedulerConfig)
  const size = Number(folder.unet.config.sample_size ?? 64) * 8
  const components = {
    unet: folder.unet,
    vae: folder.vae,
    text_encoder: folder.textEncoder,
    ...(folder.textEncoder2 && { text_encoder_2: folder.textEncoder2 }),
  }
  const unseen: JsonObject = { scheduler: folder.schedulerConfig }
  for (const [name, { config }] of Object.entries(components)) {
    const keys: readonly string[] = unseenOptions[name as keyof typeof unseenOptions]
    unseen[name] = Object.fromEntries(keys.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]])))
  }
  return {
    "modelspec.sai_model_spec": "1.0.0",
    "modelspec.architecture": architectureOf(family, prediction),
    "modelspec.implementation": "https://github.com/Stability-AI/generative-models",
    "modelspec.title": `${basename(folder.directory)} (${familyNames[family]})`,
    "modelspec.resolution": `${size}x${size}`,
    "modelspec.prediction_type": prediction === "v_prediction" ? "v" : "epsilon",
    [configMetadataKey]: JSON.stringify(unseen),
  }
}
