/** The result of a full run: a complete diffusers pipeline folder that any Stable Diffusion tool loads. */
import { constants, existsSync } from "node:fs"
import { chmod, copyFile, mkdir, readdir, realpath, stat, writeFile } from "node:fs/promises"
import { join, resolve, sep } from "node:path"
import { modelSettingsFile } from "@fjord/contracts"
import { type StreamedTensor, streamSafetensors, writeSafetensors } from "@fjord/engine"
import { writeDirectoryAtomically } from "./atomicDirectory.ts"
import { type JsonObject, jsonText } from "./json.ts"
import { type ModelFolder, type WeightedComponent, weightedComponents } from "./modelFolder.ts"
import type { WeightedComponentName } from "./weightCatalogue.ts"

export interface WritePipelineOptions {
  readonly base: ModelFolder
  /** All UNet weights by modern key, flat; the base's files are copied where this is absent. */
  readonly unet?: ReadonlyMap<string, Float32Array>
  /** All text encoder weights by modern key (`text_model.…`), flat; the base's are copied where this is absent. */
  readonly textEncoder?: ReadonlyMap<string, Float32Array>
  /** Components whose weights are written piece by piece, in any type; the others are as above. */
  readonly streamed?: ReadonlyMap<WeightedComponentName, readonly StreamedTensor[]>
  /** "base" keeps the base's scheduler; "pndm" writes PNDM as the tutorial and the Hub's SD 1.x have it. */
  readonly scheduler?: "base" | "pndm"
}

export interface WrittenPipeline {
  readonly directory: string
  /** Sentences on parts of the base that were left out. */
  readonly notes: readonly string[]
}

async function copyFileTo(source: string, target: string): Promise<void> {
  // A copy-on-write clone where the file system can do it; never a link: the folder must live on its own.
  await copyFile(await realpath(source), target, constants.COPYFILE_FICLONE)
  // Downloaded files are often read-only, and copyFile takes the mode over.
  await chmod(target, 0o644)
}

/** Copies the plain files of a directory that `rename` gives a name; the others are left out. */
async function copyFiles(source: string, target: string, rename: (name: string) => string | null): Promise<void> {
  await mkdir(target, { recursive: true })
  for (const name of (await readdir(source)).sort()) {
    const path = join(source, name)
    const newName = rename(name)
    if (newName !== null && (await stat(path)).isFile()) await copyFileTo(path, join(target, newName))
  }
}

/** Copies the JSON and text files of a directory: configurations, vocabularies. */
export function copyTexts(source: string, target: string): Promise<void> {
  return copyFiles(source, target, textFiles)
}

const textFiles = (name: string) => (/\.(json|txt|model)$/.test(name) ? name : null)

/** Copies config and weight files unchanged, under the names without variant, which are loaded by default. */
async function copyComponent({ name, directory, weightFiles }: WeightedComponent, root: string): Promise<void> {
  const target = join(root, name)
  await mkdir(target)
  await copyFileTo(join(directory, "config.json"), join(target, "config.json"))
  const { names, indexName, variant } = weightFiles
  const plain = (file: string) => (variant === null ? file : file.replace(`.${variant}`, ""))
  for (const file of names) {
    await copyFileTo(join(directory, file), join(target, indexName === null ? plain(file) : file))
  }
  if (indexName !== null) await copyFileTo(join(directory, indexName), join(target, plain(indexName)))
}

/** Writes trained weights as F32 under modern keys, in the order of their names. */
async function writeComponent(
  component: WeightedComponent,
  weights: ReadonlyMap<string, Float32Array>,
  root: string,
): Promise<void> {
  const { name, directory, weights: catalogue } = component
  const missing = [...catalogue.keys()].filter((key) => !weights.has(key))
  const unknown = [...weights.keys()].filter((key) => !catalogue.has(key))
  if (missing.length > 0 || unknown.length > 0) {
    throw new Error(
      `The trained weights of ${name} are not those of its base: ${missing.length} missing ` +
        `(${missing.slice(0, 5).join(", ")}), ${unknown.length} unknown (${unknown.slice(0, 5).join(", ")}); ` +
        "give every weight of the component, trained or not.",
    )
  }
  const tensors = [...catalogue.keys()].sort().map((key) => {
    const shape = catalogue.get(key)?.shape ?? []
    const data = weights.get(key) ?? new Float32Array()
    const size = shape.reduce((product, dimension) => product * dimension, 1)
    if (data.length !== size) {
      throw new Error(
        `The trained weight ${name}.${key} has ${data.length} numbers; wanted ${size} ([${shape.join(", ")}]).`,
      )
    }
    return { name: key, dataType: "F32" as const, shape, data }
  })
  await writeWeights({ name, directory }, root, (file) => writeSafetensors(file, tensors))
}

/** The component's folder with the base's config.json and one file of weights. */
async function writeWeights(
  { name, directory }: Pick<WeightedComponent, "name" | "directory">,
  root: string,
  write: (file: string) => Promise<void>,
): Promise<void> {
  const target = join(root, name)
  await mkdir(target)
  await copyFileTo(join(directory, "config.json"), join(target, "config.json"))
  await write(join(target, weightFileName(name)))
}

/** The name under which diffusers and transformers look for a component's weights first. */
export function weightFileName(component: WeightedComponentName): string {
  return component.startsWith("text_encoder") ? "model.safetensors" : "diffusion_pytorch_model.safetensors"
}

/** PNDM as the tutorial saves it; noise schedule and prediction type stay the base's. */
function pndmConfig(base: JsonObject): JsonObject {
  return {
    _class_name: "PNDMScheduler",
    _diffusers_version: base._diffusers_version ?? "0.40.0",
    beta_end: base.beta_end ?? 0.012,
    beta_schedule: base.beta_schedule ?? "scaled_linear",
    beta_start: base.beta_start ?? 0.00085,
    num_train_timesteps: base.num_train_timesteps ?? 1000,
    prediction_type: base.prediction_type ?? "epsilon",
    set_alpha_to_one: false,
    skip_prk_steps: true,
    steps_offset: 1,
    trained_betas: base.trained_betas ?? null,
  }
}

/** Copies safety_checker and the like; returns null, or why it had to be left out. */
async function copyExtra(base: ModelFolder, name: string, root: string): Promise<string | null> {
  const source = join(base.directory, name)
  const present = await readdir(source)
  const full = present.filter((file) => /^[^.]+\.safetensors$/.test(file))
  const half = present.filter((file) => /^[^.]+\.fp16\.safetensors$/.test(file))
  const chosen = new Set(full.length > 0 ? full : half)
  if (chosen.size === 0 && present.some((file) => /\.(bin|ckpt|pt|pth)$/.test(file))) {
    return `${name} was left out because ${source} has its weights only as pickles; convert them to safetensors.`
  }
  await copyFiles(source, join(root, name), (file) => {
    if (chosen.has(file)) return file.replace(".fp16.", ".")
    return file.endsWith(".index.json") || file.includes(".index.") ? null : textFiles(file)
  })
  return null
}

/**
 * Writes the pipeline folder `directory` (replaced if it exists): model_index.json, scheduler, tokenizer(s), VAE and
 * extras as the base has them, trained weights as F32 safetensors with modern keys. Equal arguments give equal bytes;
 * the folder appears whole or not at all.
 *
 * Throws one sentence when trained weights do not cover the component or have another size than the base's.
 */
export async function writePipeline(
  directory: string,
  { base, unet, textEncoder, streamed = new Map(), scheduler = "base" }: WritePipelineOptions,
): Promise<WrittenPipeline> {
  const target = resolve(directory)
  if (target === base.directory || base.directory.startsWith(target + sep)) {
    throw new Error(`The pipeline cannot be written to ${target}: its base model lies there; choose another directory.`)
  }
  const notes: string[] = []
  await writeDirectoryAtomically(target, async (root) => {
    const modelIndex: JsonObject = { ...base.modelIndex }
    for (const name of base.extras) {
      const note = await copyExtra(base, name, root)
      if (note !== null) notes.push(note)
    }
    for (const [name, entry] of Object.entries(modelIndex)) {
      const isComponent = Array.isArray(entry) && typeof entry[0] === "string"
      const isOther = !/^(unet|vae|text_encoder(_2)?|tokenizer(_2)?|scheduler)$/.test(name)
      const isLeftOut = !base.extras.includes(name) || notes.some((note) => note.startsWith(`${name} `))
      if (isComponent && isOther && isLeftOut) modelIndex[name] = [null, null]
    }
    if (scheduler === "pndm") modelIndex.scheduler = ["diffusers", "PNDMScheduler"]
    await writeFile(join(root, "model_index.json"), jsonText(modelIndex))
    await mkdir(join(root, "scheduler"))
    const schedulerConfig = scheduler === "pndm" ? pndmConfig(base.schedulerConfig) : base.schedulerConfig
    await writeFile(join(root, "scheduler", "scheduler_config.json"), jsonText(schedulerConfig))
    // What suits the base suits what was made of it.
    const settings = join(base.directory, modelSettingsFile)
    if (existsSync(settings)) await copyFile(settings, join(root, modelSettingsFile))
    await copyTexts(base.tokenizerDirectory, join(root, "tokenizer"))
    if (base.tokenizer2Directory !== null) await copyTexts(base.tokenizer2Directory, join(root, "tokenizer_2"))
    for (const component of weightedComponents(base)) {
      const tensors = streamed.get(component.name)
      const trained = { unet, text_encoder: textEncoder, vae: undefined, text_encoder_2: undefined }[component.name]
      if (tensors !== undefined) await writeWeights(component, root, (file) => streamSafetensors(file, tensors))
      else if (trained !== undefined) await writeComponent(component, trained, root)
      else await copyComponent(component, root)
    }
  })
  return { directory: target, notes }
}
