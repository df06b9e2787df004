/** Which files of a model repository are needed: one copy of the weights, as safetensors, and nothing that runs code. */

import { HubError } from "../hubError.ts"

/** A stored precision besides the default one. */
export type WeightVariant = "fp16"

type Listing = ReadonlyMap<string, { readonly size: number }>

const weighted = ["unet", "vae", "text_encoder", "text_encoder_2"]
const configured = ["tokenizer", "tokenizer_2", "scheduler", "feature_extractor"]
const required = ["unet", "vae", "text_encoder", "tokenizer", "scheduler"]

/** Larger ones are no configuration or vocabulary. */
export const largestConfiguration = 25_000_000
/** Says the alpha of PEFT's adapter_model.safetensors beside it. */
const adapterConfig = "adapter_config.json"
const documents = /^(?:README\.md|LICENSE(?:\.md|\.txt)?)$/i
const pickle = /\.(?:bin|ckpt|pt|pth|pkl|msgpack|h5)$/

/** The files of one spelling of a component's weights: one file, or an index with all of its shards. */
function weightsNamed(listing: Listing, folder: string, stem: string, variant: WeightVariant | undefined): string[] {
  const suffix = variant === undefined ? "" : `.${variant}`
  const single = `${folder}/${stem}${suffix}.safetensors`
  if (listing.has(single)) return [single]
  const index = `${folder}/${stem}.safetensors.index${suffix}.json`
  if (!listing.has(index)) return []
  const pattern = new RegExp(`^${folder}/${stem}${suffix.replace(".", "\\.")}-\\d{5}-of-(\\d{5})\\.safetensors$`)
  const shards = [...listing.keys()].filter((path) => pattern.test(path))
  const count = Number(pattern.exec(shards[0] ?? "")?.[1])
  return shards.length === count ? [index, ...shards] : []
}

function componentWeights(listing: Listing, folder: string, variant: WeightVariant | undefined): string[] {
  const stems = ["diffusion_pytorch_model", "model"]
  // As the model folder is read afterwards: the wished precision first, then the other.
  const order = variant === undefined ? [undefined, "fp16" as const] : [variant, undefined]
  for (const wanted of order)
    for (const stem of stems) {
      const found = weightsNamed(listing, folder, stem, wanted)
      if (found.length > 0) return found
    }
  return []
}

/** What a component cannot be read without, beside its weights: any one of these sets. */
function indispensable(name: string): readonly (readonly string[])[] {
  if (weighted.includes(name)) return [[`${name}/config.json`]]
  if (name === "scheduler") return [["scheduler/scheduler_config.json"]]
  if (!name.startsWith("tokenizer")) return [[]]
  return [[`${name}/tokenizer.json`], [`${name}/vocab.json`, `${name}/merges.txt`]]
}

/**
 * The files of a diffusers pipeline.
 * @param components names in model_index.json that stand for a class, e.g. `unet`
 * @throws HubError where a component has no weights that can be read without running code, or lacks its configuration
 */
export function pipelineFiles(
  id: string,
  listing: Listing,
  components: readonly string[],
  variant: WeightVariant | undefined,
): string[] {
  const missing = required.filter((name) => !components.includes(name))
  if (missing.length > 0)
    throw new HubError(
      "badData",
      `${id} is no Stable Diffusion model: its model_index.json lacks ${missing.join(", ")}.`,
    )
  const chosen = ["model_index.json"]
  for (const path of listing.keys()) if (documents.test(path)) chosen.push(path)
  for (const name of components) {
    if (!weighted.includes(name) && !configured.includes(name)) continue
    const inside = [...listing].filter(([path]) => path.startsWith(`${name}/`))
    for (const [path, { size }] of inside)
      if (/^[^/]+\/[^/]+\.(?:json|txt)$/.test(path) && !path.includes(".index.") && size <= largestConfiguration)
        chosen.push(path)
    const sets = indispensable(name)
    if (!sets.some((set) => set.every((path) => chosen.includes(path))))
      throw new HubError(
        "badData",
        `${id} is not whole: it has no ${sets.map((set) => set.join(" with ")).join(" or ")} of the usual size; take another revision or copy of the model.`,
      )
    if (!weighted.includes(name)) continue
    const weights = componentWeights(listing, name, variant)
    if (weights.length === 0) {
      const pickles = inside.map(([path]) => path).filter((path) => pickle.test(path))
      throw new HubError(
        "badData",
        pickles.length > 0
          ? `${id} has the weights of ${name} only as ${pickles.join(", ")}, a pickle, which is never read because opening it can run code; take a revision or a copy of the model with .safetensors files.`
          : `${id} has no weights of ${name} as .safetensors files.`,
      )
    }
    chosen.push(...weights)
  }
  return [...new Set(chosen)].sort()
}

/** Files of a repository without model_index.json: LoRAs, with PEFT's configuration, embeddings and single-file checkpoints at its root. */
export function looseFiles(id: string, listing: Listing): string[] {
  const weights = [...listing.keys()].filter((path) => /^[^/]+\.safetensors$/.test(path))
  if (weights.length === 0)
    throw new HubError("badData", `${id} holds neither a diffusers model (model_index.json) nor .safetensors files.`)
  const documentation = [...listing]
    .filter(([path, { size }]) => documents.test(path) || (path === adapterConfig && size <= largestConfiguration))
    .map(([path]) => path)
  return [...weights, ...documentation].sort()
}
