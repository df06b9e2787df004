/** What a .safetensors file is, seen from the names of its tensors. */

import type { SafetensorsFile } from "@fjord/engine"
import { otherAdapterKind } from "../lora/loraKeys.ts"
import { embeddingPairs } from "../text/embeddingFile.ts"

/** Architectures whose single files are read. */
export type Family = "sd1" | "sd2" | "sdxl"

export const familyNames: Readonly<Record<Family, string>> = {
  sd1: "Stable Diffusion 1.x",
  sd2: "Stable Diffusion 2.x",
  sdxl: "Stable Diffusion XL",
}

export const unetPrefix = "model.diffusion_model."
export const vaePrefix = "first_stage_model."

/** Where a text encoder lies, and whose names its weights have. */
export interface TextPlace {
  readonly prefix: string
  readonly form: "clip" | "openClip"
}

/** Where each family keeps its text encoders. */
export const textPrefixes: Readonly<Record<Family, readonly [TextPlace, ...TextPlace[]]>> = {
  sd1: [{ prefix: "cond_stage_model.transformer.", form: "clip" }],
  sd2: [{ prefix: "cond_stage_model.model.", form: "openClip" }],
  sdxl: [
    { prefix: "conditioner.embedders.0.transformer.", form: "clip" },
    { prefix: "conditioner.embedders.1.model.", form: "openClip" },
  ],
}

export type FileKind = "checkpoint" | "lora" | "embedding" | "component" | "unknown"

const loraMark = /(\.lora_(down|up|A|B)\b|\.lora\.(down|up)\.|_lora\.(down|up)\.|lora_linear_layer)/

/** What a file is for; nothing but names and shapes is looked at. */
export function kindOf(file: SafetensorsFile): FileKind {
  const keys = [...file.tensors.keys()]
  const starts = (prefix: string) => keys.some((key) => key.startsWith(prefix))
  if (starts(unetPrefix) || starts("conditioner.") || starts("cond_stage_model.")) return "checkpoint"
  // Other adapters are refused by their names where LoRAs are read.
  if (keys.some((key) => loraMark.test(key) || otherAdapterKind(key) !== null)) return "lora"
  if (["emb_params", ...embeddingPairs.flat()].some((name) => file.tensors.has(name))) return "embedding"
  const [only] = file.tensors.values()
  if (keys.length === 1 && only !== undefined && only.shape.length <= 2) return "embedding"
  if (starts("down_blocks.") || starts("decoder.") || starts("text_model.")) return "component"
  return "unknown"
}

/** Other architectures by a key that only they have. */
const foreign: readonly (readonly [RegExp, string])[] = [
  [/^model\.diffusion_model\.joint_blocks\./, "Stable Diffusion 3"],
  [/^(model\.diffusion_model\.)?double_blocks\./, "FLUX"],
  [/^control_model\./, "a ControlNet"],
  [/^model\.diffusion_model\.(time_stack|temporal)|time_mixer/, "a video model"],
  [/^(model\.diffusion_model\.)?(blocks\.\d+\.|transformer_blocks\.)/, "a diffusion transformer"],
  [/^conditioner\.embedders\.0\.model\./, "the refiner of Stable Diffusion XL"],
  [/^(down_blocks|mid_block|time_embedding)\./, "the UNet of a diffusers folder"],
]

/** @throws one sentence where the file is no checkpoint of a family that is read. */
export function familyOf({ path, tensors }: SafetensorsFile): Family {
  const keys = [...tensors.keys()]
  const has = (prefix: string) => keys.some((key) => key.startsWith(prefix))
  const other = foreign.find(([mark]) => keys.some((key) => mark.test(key)))?.[1]
  if (other !== undefined)
    throw new Error(`${path} is ${other}; a single-file checkpoint of Stable Diffusion 1.x, 2.x or XL is wanted.`)
  if (!has(unetPrefix))
    throw new Error(
      `${path} has no UNet (no key starts with ${unetPrefix}); a single-file checkpoint of Stable Diffusion 1.x, 2.x ` +
        "or XL is wanted.",
    )
  if (!has(vaePrefix)) throw new Error(`${path} has no VAE; take a version of the checkpoint that has it.`)
  for (const family of ["sdxl", "sd2", "sd1"] as const)
    if (textPrefixes[family].every(({ prefix }) => has(prefix))) return family
  throw new Error(`${path} has no text encoder; take a version of the checkpoint that has it.`)
}
