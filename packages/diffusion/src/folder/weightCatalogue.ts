/** Where each weight of a component lies, under the name that current diffusers/transformers give it. */
import type { SafetensorsFile } from "@fjord/engine"

type TensorEntry = SafetensorsFile["tensors"] extends ReadonlyMap<string, infer Entry> ? Entry : never

/** One tensor of a component: the file and key it is stored under, and its shape under the modern name. */
export interface CatalogueEntry {
  readonly file: SafetensorsFile
  /** The key inside the file, to be given to readTensor/readFloat32. */
  readonly key: string
  /** The shape the model wants: differs from the stored one only for old VAE attention, [C, C, 1, 1] → [C, C]. */
  readonly shape: readonly number[]
  readonly dataType: TensorEntry["dataType"]
  /** As in the file's own tensor entry. */
  readonly byteOffset: number
  readonly byteLength: number
}

/** Modern key (for example `down_blocks.0.resnets.0.conv1.weight`) → where it lies. */
export type WeightCatalogue = ReadonlyMap<string, CatalogueEntry>

/** The components that have weights the engine reads. */
export type WeightedComponentName = "unet" | "vae" | "text_encoder" | "text_encoder_2"

/** Names of the VAE's attention before diffusers 0.17 (`_convert_deprecated_attention_blocks` in modeling_utils.py). */
const oldAttentionNames: ReadonlyMap<string, string> = new Map([
  ["query", "to_q"],
  ["key", "to_k"],
  ["value", "to_v"],
  ["proj_attn", "to_out.0"],
])

const oldAttentionKey = /^(.*\.attentions\.\d+)\.(query|key|value|proj_attn)\.(weight|bias)$/
const attentionWeight = /\.attentions\.\d+\.(to_q|to_k|to_v|to_out\.0)\.weight$/
const bareTextKey = /^(embeddings|encoder|final_layer_norm)\./

/**
 * The modern name of a stored key; null for keys that are buffers and no weights (`position_ids`).
 * Text encoders always get the `text_model.` prefix, which transformers 5 leaves away when saving.
 */
export function modernKey(component: WeightedComponentName, key: string): string | null {
  if (key === "position_ids" || key.endsWith(".position_ids")) return null
  if (component === "vae") {
    const match = oldAttentionKey.exec(key)
    if (match === null) return key
    const [, path = "", name = "", kind = ""] = match
    return `${path}.${oldAttentionNames.get(name) ?? name}.${kind}`
  }
  if (component !== "unet" && bareTextKey.test(key)) return `text_model.${key}`
  return key
}

/** CompVis-converted VAEs store attention projections as 1×1 convolutions; diffusers squeezes them. */
function modernShape(component: WeightedComponentName, key: string, shape: readonly number[]): readonly number[] {
  const [rows, columns, height, width] = shape
  const squeezed = component === "vae" && attentionWeight.test(key) && shape.length === 4 && height === 1 && width === 1
  return squeezed && rows !== undefined && columns !== undefined ? [rows, columns] : shape
}

/** Catalogue over all files (shards) of one component; a weight that is stored twice is an error. */
export function catalogueOf(component: WeightedComponentName, files: readonly SafetensorsFile[]): WeightCatalogue {
  const catalogue = new Map<string, CatalogueEntry>()
  for (const file of files) {
    for (const [key, tensor] of file.tensors) {
      const name = modernKey(component, key)
      if (name === null) continue
      const earlier = catalogue.get(name)
      if (earlier !== undefined) {
        throw new Error(
          `${component} stores ${name} twice, as ${earlier.key} in ${earlier.file.path} and as ${key} in ` +
            `${file.path}; remove one of the two.`,
        )
      }
      const { dataType, byteOffset, byteLength } = tensor
      const shape = modernShape(component, name, tensor.shape)
      catalogue.set(name, { file, key, shape, dataType, byteOffset, byteLength })
    }
  }
  return catalogue
}

const shown = 5

function listed(keys: readonly string[]): string {
  const rest = keys.length - shown
  return keys.slice(0, shown).join(", ") + (rest > 0 ? ` and ${rest} more` : "")
}

/**
 * Throws unless the catalogue has exactly the expected names and shapes.
 * The one sentence of the error names the first few missing, unexpected and misshaped weights.
 */
export function checkWeights(
  expected: ReadonlyMap<string, readonly number[]>,
  catalogue: WeightCatalogue,
  component = "the component",
): void {
  const missing: string[] = []
  const misshaped: string[] = []
  for (const [name, shape] of expected) {
    const entry = catalogue.get(name)
    if (entry === undefined) missing.push(name)
    else if (entry.shape.join() !== shape.join()) {
      misshaped.push(`${name} is [${entry.shape.join(", ")}] instead of [${shape.join(", ")}]`)
    }
  }
  const unexpected = [...catalogue.keys()].filter((name) => !expected.has(name))
  const complaints: string[] = []
  if (missing.length > 0) complaints.push(`${missing.length} missing (${listed(missing)})`)
  if (unexpected.length > 0) complaints.push(`${unexpected.length} unexpected (${listed(unexpected)})`)
  if (misshaped.length > 0) complaints.push(`${misshaped.length} of another shape (${listed(misshaped)})`)
  if (complaints.length === 0) return
  const file = catalogue.values().next().value?.file.path
  throw new Error(
    `The weights of ${component}${file === undefined ? "" : ` in ${file}`} do not fit its config.json: ` +
      `${complaints.join("; ")}; use weights and config.json of the same model.`,
  )
}
