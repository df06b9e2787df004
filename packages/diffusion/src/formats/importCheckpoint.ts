/** A single-file checkpoint as a folder in diffusers' layout. */

import { mkdir, writeFile } from "node:fs/promises"
import { basename, join, resolve } from "node:path"
import { openSafetensors, type SafetensorsFile, type StreamedTensor, streamSafetensors } from "@fjord/engine"
import { writeDirectoryAtomically } from "../folder/atomicDirectory.ts"
import { isJsonObject, type JsonObject, jsonText, readJsonObject } from "../folder/json.ts"
import { openModelFolder } from "../folder/modelFolder.ts"
import { weightFileName } from "../folder/writePipeline.ts"
import { clipTextConfigSchema } from "../models/clipTextEncoder.ts"
import {
  clipTextParameterShapes,
  type ParameterShapes,
  unetParameterShapes,
  vaeParameterShapes,
} from "../models/parameterShapes.ts"
import { unetConfigSchema } from "../models/unetConfig.ts"
import { vaeConfigSchema } from "../models/vae.ts"
import { type CheckpointConfigs, checkpointConfigs, type PredictionType } from "./checkpointConfigs.ts"
import { type Family, familyNames, familyOf, textPrefixes, unetPrefix, vaePrefix } from "./checkpointKind.ts"
import {
  isVaeProjection,
  type OriginalNames,
  openClipOriginalNames,
  packedPart,
  unetOriginalNames,
  vaeOriginalNames,
} from "./originalNames.ts"
import { findPredictionType } from "./predictionType.ts"
import { copied, type StoredTensor, splitRows, type WeightType } from "./storedTensor.ts"
import { findTokenizer, writeTokenizer } from "./tokenizerFolder.ts"
import { listed, refuseExisting, refusePickle, type TransferOptions, type TransferResult, watched } from "./transfer.ts"

export interface ImportCheckpointOptions extends TransferOptions {
  /** Folder with CLIP's vocabulary, or a diffusers folder that has one; see `findTokenizer`. */
  readonly tokenizer?: string | undefined
  /** Diffusers folder of the same architecture: its scheduler, tokenizer and what no shape shows are taken. */
  readonly base?: string | undefined
  /** Overrides what is found out about the file. */
  readonly predictionType?: PredictionType | undefined
  /** Type of the weights; absent keeps the file's. */
  readonly dataType?: WeightType | undefined
}

/** Metadata key under which our exports keep what no shape shows. */
export const configMetadataKey = "fjord.config"

/**
 * Writes the folder `directory` from the checkpoint `path`; memory stays at the largest tensor that must be turned.
 * @throws one sentence for pickles, damaged files, other architectures, missing or misshaped weights, a missing
 * tokenizer, and a folder that is there already. Nothing is left behind then.
 */
export async function importCheckpoint(
  path: string,
  directory: string,
  options: ImportCheckpointOptions = {},
): Promise<TransferResult> {
  refusePickle(path)
  const target = resolve(directory)
  await refuseExisting(target)
  const file = await openSafetensors(path)
  const family = familyOf(file)
  const notes: string[] = []
  const unseen = { ...metadataConfig(file), ...(options.base === undefined ? {} : await baseConfig(options.base)) }
  const prediction = await choosePrediction(file, family, unseen.scheduler, options, notes)
  const configs = checkpointConfigs(file, family, prediction, unseen)
  const tokenizerSource = options.tokenizer ?? options.base
  if (tokenizerSource === undefined)
    throw new Error(
      `${path} holds no tokenizer, as no single file does; give a folder with CLIP's vocab.json and merges.txt, or a ` +
        "diffusers folder that has them, with --tokenizer.",
    )
  const tokenizer = await findTokenizer(tokenizerSource)
  const plan = planComponents(file, family, configs, options.dataType)
  notes.push(...ignoredNotes(file, plan.used))

  await writeDirectoryAtomically(target, async (root) => {
    const json = async (name: string, value: JsonObject) => writeFile(join(root, name), jsonText(value))
    // First, because a tokenizer that does not fit should not be found after gigabytes.
    for (const [i, { form }] of textPrefixes[family].entries()) {
      const config = clipTextConfigSchema.parse(i === 0 ? configs.text_encoder : configs.text_encoder_2)
      const remark = await writeTokenizer(tokenizer, join(root, i === 0 ? "tokenizer" : "tokenizer_2"), {
        padToken: form === "clip" ? "<|endoftext|>" : "!",
        vocabularySize: config.vocab_size,
      })
      if (remark !== null && i === 0) notes.push(remark)
    }
    for (const { name, weightFile, tensors } of plan.components) {
      await mkdir(join(root, name))
      await json(join(name, "config.json"), configs[name] ?? {})
      await streamSafetensors(join(root, name, weightFile), watched(join(name, weightFile), tensors, options))
    }
    await mkdir(join(root, "scheduler"))
    await json("scheduler/scheduler_config.json", configs.scheduler)
    await json("model_index.json", modelIndex(family, configs.scheduler))
    await openModelFolder(root)
  })
  return { output: target, notes }
}

async function choosePrediction(
  file: SafetensorsFile,
  family: Family,
  scheduler: JsonObject | undefined,
  { predictionType }: ImportCheckpointOptions,
  notes: string[],
): Promise<PredictionType> {
  if (predictionType !== undefined) return predictionType
  const known = scheduler && (scheduler.prediction_type ?? "epsilon")
  if (known === "epsilon" || known === "v_prediction") return known
  const { type, ground } = await findPredictionType(file, family)
  notes.push(`${familyNames[family]} with ${type}, known from ${ground}; --prediction-type says otherwise.`)
  return type
}

/** What our own exports say of themselves; anything else than JSON objects is as good as nothing. */
function metadataConfig({ metadata }: SafetensorsFile): Record<string, JsonObject> {
  const text = metadata[configMetadataKey]
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    if (!isJsonObject(value)) return {}
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1])),
    )
  } catch {
    return {}
  }
}

async function baseConfig(directory: string): Promise<Record<string, JsonObject>> {
  const files = {
    unet: "unet/config.json",
    vae: "vae/config.json",
    text_encoder: "text_encoder/config.json",
    scheduler: "scheduler/scheduler_config.json",
  }
  const configs: Record<string, JsonObject> = {}
  for (const [name, file] of Object.entries(files))
    configs[name] = await readJsonObject(join(directory, file), `The configuration ${file} of the base model`)
  const second = await readJsonObject(join(directory, "text_encoder_2", "config.json"), "").catch(() => null)
  return second === null ? configs : { ...configs, text_encoder_2: second }
}

interface ComponentPlan {
  readonly name: "unet" | "vae" | "text_encoder" | "text_encoder_2"
  readonly weightFile: string
  readonly tensors: readonly StreamedTensor[]
}

interface Plan {
  readonly components: readonly ComponentPlan[]
  /** Keys of the file that went into the folder. */
  readonly used: ReadonlySet<string>
}

function planComponents(
  file: SafetensorsFile,
  family: Family,
  configs: CheckpointConfigs,
  dataType: WeightType | undefined,
): Plan {
  const used = new Set<string>()
  const component = (name: ComponentPlan["name"], prefix: string, shapes: ParameterShapes, names: OriginalNames) => {
    const tensors = componentTensors({ file, prefix, shapes, names, dataType, used })
    return { name, weightFile: weightFileName(name), tensors }
  }
  const shapesOf = (name: ComponentPlan["name"]): ParameterShapes => {
    try {
      if (name === "unet") return unetParameterShapes(unetConfigSchema.parse(configs.unet))
      if (name === "vae") return vaeParameterShapes(vaeConfigSchema.parse(configs.vae))
      return clipTextParameterShapes(clipTextConfigSchema.parse(configs[name]))
    } catch (cause) {
      throw new Error(`The configuration for ${name} of ${file.path} makes no model; give a base model with --base.`, {
        cause,
      })
    }
  }
  const [unet, vae] = [shapesOf("unet"), shapesOf("vae")]
  const components = [
    component("unet", unetPrefix, unet, unetOriginalNames([...unet.keys()])),
    component("vae", vaePrefix, vae, vaeOriginalNames([...vae.keys()])),
    ...textPrefixes[family].map(({ prefix, form }, i) => {
      const name = i === 0 ? ("text_encoder" as const) : ("text_encoder_2" as const)
      const shapes = shapesOf(name)
      const keys = [...shapes.keys()]
      return component(
        name,
        prefix,
        shapes,
        form === "openClip" ? openClipOriginalNames(keys) : clipNames(file, prefix, keys),
      )
    }),
  ]
  return { components, used }
}

/** CLIP's names are transformers' own; some files leave `text_model.` away. */
function clipNames({ tensors }: SafetensorsFile, prefix: string, keys: readonly string[]): OriginalNames {
  const bare = tensors.has(`${prefix}embeddings.token_embedding.weight`)
  return new Map(keys.map((key) => [key, bare ? key.replace(/^text_model\./, "") : key]))
}

interface ComponentSource {
  readonly file: SafetensorsFile
  readonly prefix: string
  readonly shapes: ParameterShapes
  readonly names: OriginalNames
  readonly dataType: WeightType | undefined
  readonly used: Set<string>
}

/** @throws one sentence that names the first few missing and misshaped weights. */
function componentTensors({ file, prefix, shapes, names, dataType, used }: ComponentSource): StreamedTensor[] {
  const missing: string[] = []
  const misshaped: string[] = []
  const tensors: StreamedTensor[] = []
  for (const [key, shape] of [...shapes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const original = `${prefix}${names.get(key)}`
    const entry = file.tensors.get(original)
    if (entry === undefined) {
      missing.push(original)
      continue
    }
    used.add(original)
    const whole: StoredTensor = { path: file.path, ...entry }
    const packed = prefix.endsWith(".model.") ? packedPart(key) : undefined
    const stored = packed === undefined ? whole : splitRows(whole, 3)[packed]
    const transposed = original.endsWith(".text_projection")
    const found = transposed ? entry.shape.toReversed() : (stored?.shape ?? [])
    const squeezed = isVaeProjection(original) && found.length === 4 ? found.slice(0, 2) : found
    if (squeezed.join() !== shape.join() || stored === undefined)
      misshaped.push(`${original} is [${entry.shape.join(", ")}]`)
    else tensors.push(copied(key, [stored], { dataType, shape, transposed }))
  }
  const complaints = [
    ...(missing.length > 0 ? [`${missing.length} weights are missing (${listed(missing)})`] : []),
    ...(misshaped.length > 0 ? [`${misshaped.length} have an unexpected shape (${listed(misshaped)})`] : []),
  ]
  if (complaints.length > 0)
    throw new Error(`${file.path} cannot be read as a model: ${complaints.join("; ")}; was it downloaded whole?`)
  return tensors
}

/** Buffers of training and the last layer that SD 2.x does not use: nothing is lost with them. */
const expendable =
  /^(betas|alphas_cumprod.*|sqrt_.*|log_one_minus.*|posterior_.*|logvar|global_step|v_pred|ztsnr|denoiser\..*|model_ema\.(decay|num_updates))$|position_ids$|attn_mask$|logit_scale$|^cond_stage_model\.model\.(transformer\.resblocks\.\d+\..*|text_projection)$|^first_stage_model\.(loss|model_ema)\./

function ignoredNotes({ path, tensors }: SafetensorsFile, used: ReadonlySet<string>): string[] {
  const rest = [...tensors.keys()].filter((key) => !used.has(key) && !expendable.test(key))
  const averaged = rest.filter((key) => key.startsWith("model_ema."))
  const unknown = rest.filter((key) => !key.startsWith("model_ema."))
  return [
    ...(averaged.length > 0
      ? [`${averaged.length} averaged weights (model_ema.…) were left out; the trained ones are used.`]
      : []),
    ...(unknown.length > 0
      ? [`${unknown.length} tensors of ${basename(path)} were left out: ${listed(unknown)}.`]
      : []),
  ]
}

function modelIndex(family: Family, scheduler: JsonObject): JsonObject {
  const common = {
    scheduler: ["diffusers", scheduler._class_name ?? "PNDMScheduler"],
    text_encoder: ["transformers", "CLIPTextModel"],
    tokenizer: ["transformers", "CLIPTokenizer"],
    unet: ["diffusers", "UNet2DConditionModel"],
    vae: ["diffusers", "AutoencoderKL"],
  }
  if (family !== "sdxl")
    return {
      _class_name: "StableDiffusionPipeline",
      _diffusers_version: "0.40.0",
      feature_extractor: [null, null],
      requires_safety_checker: false,
      safety_checker: [null, null],
      ...common,
    }
  return {
    _class_name: "StableDiffusionXLPipeline",
    _diffusers_version: "0.40.0",
    feature_extractor: [null, null],
    force_zeros_for_empty_prompt: true,
    image_encoder: [null, null],
    ...common,
    text_encoder_2: ["transformers", "CLIPTextModelWithProjection"],
    tokenizer_2: ["transformers", "CLIPTokenizer"],
  }
}
