/** Finding the weight files of one component in a diffusers folder: single or sharded, with or without a variant. */
import { readdir, readFile, realpath } from "node:fs/promises"
import { basename, join } from "node:path"
import { openSafetensors, type SafetensorsFile } from "@fjord/engine"
import { isJsonObject, type JsonObject } from "./json.ts"
import type { WeightedComponentName } from "./weightCatalogue.ts"

/** A stored precision besides the default one. */
export type WeightVariant = "fp16"

/** The files of a component as they lie in the folder. */
export interface WeightFiles {
  /** Opened files, symbolic links resolved (the Hub's cache links into blobs/). */
  readonly files: readonly SafetensorsFile[]
  /** Their names inside the component's directory, in the same order. */
  readonly names: readonly string[]
  /** Name of the shard index in the component's directory, null for a single file. */
  readonly indexName: string | null
  readonly variant: WeightVariant | null
}

const pickles = /\.(bin|ckpt|pt|pth|pkl)$/

interface Candidate {
  readonly name: string
  readonly sharded: boolean
  readonly variant: WeightVariant | null
}

function candidatesFor(component: WeightedComponentName, variant: WeightVariant | undefined): Candidate[] {
  const stems = ["diffusion_pytorch_model", "model"]
  if (component.startsWith("text_encoder")) stems.reverse()
  const forVariant = (stem: string, value: WeightVariant | null): Candidate[] => [
    { name: value === null ? `${stem}.safetensors` : `${stem}.${value}.safetensors`, sharded: false, variant: value },
    {
      name: value === null ? `${stem}.safetensors.index.json` : `${stem}.safetensors.index.${value}.json`,
      sharded: true,
      variant: value,
    },
  ]
  // Without a wish, full precision first; a folder that only has fp16 (many SDXL copies) is read all the same.
  const order: (WeightVariant | null)[] = variant === undefined ? [null, "fp16"] : [variant, null]
  return order.flatMap((value) => stems.flatMap((stem) => forVariant(stem, value)))
}

/**
 * Opens the weight files of a component; the first that exists of the names diffusers and transformers use.
 * Throws one sentence that lists what was looked for, or refuses pickles where they are all there is.
 */
export async function openWeightFiles(
  component: WeightedComponentName,
  directory: string,
  variant: WeightVariant | undefined,
): Promise<WeightFiles> {
  const present = new Set(await readdir(directory))
  const candidates = candidatesFor(component, variant)
  const found = candidates.find((candidate) => present.has(candidate.name))
  if (found === undefined) throw new Error(missingWeights(component, directory, [...present], candidates))
  const path = join(directory, found.name)
  const names = found.sharded ? await shardNames(path) : [found.name]
  const files: SafetensorsFile[] = []
  for (const name of names) {
    if (!present.has(name)) {
      throw new Error(`${path} names the shard ${name}, which is not in ${directory}; fetch the model again.`)
    }
    files.push(await openSafetensors(await realpath(join(directory, name))))
  }
  return { files, names, indexName: found.sharded ? found.name : null, variant: found.variant }
}

function missingWeights(
  component: string,
  directory: string,
  present: readonly string[],
  candidates: readonly Candidate[],
): string {
  const pickled = present.filter((name) => pickles.test(name)).sort()
  if (pickled.length > 0) {
    return (
      `${component} has its weights only as ${pickled.join(", ")} in ${directory}, a pickle, which is never read ` +
      "because opening it can run code; convert it to safetensors (the Hub's safetensors/convert space does) " +
      "or take a revision of the model that has .safetensors files."
    )
  }
  const sought = candidates.map((candidate) => candidate.name).join(", ")
  return `${component} has no weights in ${directory}; looked for ${sought}; fetch the missing file of the model.`
}

/** Shard names out of `*.safetensors.index.json`; a name that is a path is refused. */
async function shardNames(indexPath: string): Promise<string[]> {
  let index: unknown
  try {
    index = JSON.parse(await readFile(indexPath, "utf8"))
  } catch (cause) {
    throw new Error(`${indexPath} is not readable JSON; fetch the model again.`, { cause })
  }
  const weightMap: JsonObject | undefined =
    isJsonObject(index) && isJsonObject(index.weight_map) ? index.weight_map : undefined
  if (weightMap === undefined) throw new Error(`${indexPath} has no "weight_map" object; fetch the model again.`)
  const names = new Set<string>()
  for (const name of Object.values(weightMap)) {
    if (typeof name !== "string" || name !== basename(name) || name.includes("\\") || !name.endsWith(".safetensors")) {
      throw new Error(
        `${indexPath} names the shard ${JSON.stringify(name)}; wanted plain names of .safetensors files beside it.`,
      )
    }
    names.add(name)
  }
  if (names.size === 0) throw new Error(`${indexPath} names no shards; fetch the model again.`)
  return [...names].sort()
}
