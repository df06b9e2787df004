/** A diffusers model folder as the Hub has it, read where it lies: no conversion, no copy of weights. */
import { readdir, stat } from "node:fs/promises"
import { join, resolve } from "node:path"
import { type JsonObject, readJsonObject } from "./json.ts"
import { catalogueOf, type WeightCatalogue, type WeightedComponentName } from "./weightCatalogue.ts"
import { openWeightFiles, type WeightFiles, type WeightVariant } from "./weightFiles.ts"

/** A component with weights: its directory, its config.json as it is and where its weights lie. */
export interface WeightedComponent {
  readonly name: WeightedComponentName
  readonly directory: string
  /** config.json, untouched; the models interpret it. */
  readonly config: JsonObject
  readonly weightFiles: WeightFiles
  readonly weights: WeightCatalogue
}

export interface ModelFolder {
  readonly directory: string
  /** model_index.json, untouched. */
  readonly modelIndex: JsonObject
  readonly unet: WeightedComponent
  readonly vae: WeightedComponent
  readonly textEncoder: WeightedComponent
  /** The second text encoder and tokenizer of SDXL; null for SD 1.x and 2.x. */
  readonly textEncoder2: WeightedComponent | null
  readonly tokenizerDirectory: string
  readonly tokenizer2Directory: string | null
  /** scheduler/scheduler_config.json, untouched. */
  readonly schedulerConfig: JsonObject
  /** Names of the other component directories (safety_checker, feature_extractor, …), which are only copied through. */
  readonly extras: readonly string[]
}

const readComponents = new Set([
  "unet",
  "vae",
  "text_encoder",
  "text_encoder_2",
  "tokenizer",
  "tokenizer_2",
  "scheduler",
])

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false
}

async function openComponent(
  name: WeightedComponentName,
  root: string,
  variant: WeightVariant | undefined,
): Promise<WeightedComponent> {
  const directory = join(root, name)
  const config = await readJsonObject(join(directory, "config.json"), `The configuration of ${name}`)
  const weightFiles = await openWeightFiles(name, directory, variant)
  return { name, directory, config, weightFiles, weights: catalogueOf(name, weightFiles.files) }
}

async function checkTokenizer(directory: string): Promise<void> {
  const present = new Set(await readdir(directory))
  if (present.has("tokenizer.json") || (present.has("vocab.json") && present.has("merges.txt"))) return
  throw new Error(
    `The tokenizer has no vocabulary in ${directory}; looked for vocab.json with merges.txt, or tokenizer.json; ` +
      "fetch the missing files.",
  )
}

/** A component that model_index.json declares as [library, class] and not as [null, null]. */
function declares(modelIndex: JsonObject, component: string): boolean {
  const entry = modelIndex[component]
  return Array.isArray(entry) && typeof entry[0] === "string"
}

/**
 * Opens a diffusers folder (model_index.json; unet, vae, text_encoder with config.json and safetensors; tokenizer;
 * scheduler). With `variant: "fp16"` the fp16 files are taken where a component has them. Only headers are read.
 *
 * Throws an Error of one sentence for a missing component, file or configuration (listing what was looked for),
 * for weights that exist only as pickles, and for a variant that no component has.
 */
export async function openModelFolder(
  directory: string,
  { variant }: { readonly variant?: WeightVariant | undefined } = {},
): Promise<ModelFolder> {
  const root = resolve(directory)
  if (!(await isDirectory(root)))
    throw new Error(`There is no model folder at ${root}; give the path of a diffusers folder.`)
  const modelIndex = await readJsonObject(join(root, "model_index.json"), "The index of the diffusers model folder")
  const wanted = ["unet", "vae", "text_encoder", "tokenizer", "scheduler"]
  for (const name of ["text_encoder_2", "tokenizer_2"]) if (declares(modelIndex, name)) wanted.push(name)
  const missing: string[] = []
  for (const name of wanted) if (!(await isDirectory(join(root, name)))) missing.push(name)
  if (missing.length > 0) {
    throw new Error(
      `The model folder ${root} lacks ${missing.join(", ")}; looked for the directories ${wanted.join(", ")}; ` +
        "fetch the whole repository of the model.",
    )
  }
  const unet = await openComponent("unet", root, variant)
  const vae = await openComponent("vae", root, variant)
  const textEncoder = await openComponent("text_encoder", root, variant)
  const textEncoder2 = wanted.includes("text_encoder_2") ? await openComponent("text_encoder_2", root, variant) : null
  const components = [unet, vae, textEncoder, ...(textEncoder2 === null ? [] : [textEncoder2])]
  if (variant !== undefined && components.every((component) => component.weightFiles.variant === null)) {
    throw new Error(`No component of ${root} has ${variant} weights; leave the variant away to read the others.`)
  }
  const tokenizerDirectory = join(root, "tokenizer")
  const tokenizer2Directory = wanted.includes("tokenizer_2") ? join(root, "tokenizer_2") : null
  await checkTokenizer(tokenizerDirectory)
  if (tokenizer2Directory !== null) await checkTokenizer(tokenizer2Directory)
  const schedulerConfig = await readJsonObject(
    join(root, "scheduler", "scheduler_config.json"),
    "The configuration of the scheduler",
  )
  const extras: string[] = []
  for (const name of Object.keys(modelIndex).sort()) {
    if (readComponents.has(name) || !/^\w+$/.test(name) || !declares(modelIndex, name)) continue
    if (await isDirectory(join(root, name))) extras.push(name)
  }
  return {
    directory: root,
    modelIndex,
    unet,
    vae,
    textEncoder,
    textEncoder2,
    tokenizerDirectory,
    tokenizer2Directory,
    schedulerConfig,
    extras,
  }
}

/** The components with weights that a folder has, in a fixed order. */
export function weightedComponents(folder: ModelFolder): readonly WeightedComponent[] {
  const { unet, vae, textEncoder, textEncoder2 } = folder
  return textEncoder2 === null ? [unet, vae, textEncoder] : [unet, vae, textEncoder, textEncoder2]
}
