/** A model folder as ONNX, laid out as Optimum and diffusers' ONNX pipelines read it. */

import { mkdir, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { Graph, type PickedRow, type Tensor, writeOnnx } from "@fjord/engine"
import { writeDirectoryAtomically } from "../folder/atomicDirectory.ts"
import { type JsonObject, jsonText } from "../folder/json.ts"
import { type ModelFolder, openModelFolder, type WeightedComponent, weightedComponents } from "../folder/modelFolder.ts"
import { copyTexts } from "../folder/writePipeline.ts"
import { clipTextConfigSchema, clipTextEncoder } from "../models/clipTextEncoder.ts"
import { modelConfig } from "../models/modelConfig.ts"
import { Params } from "../models/params.ts"
import { unet } from "../models/unet.ts"
import { unetConfigSchema } from "../models/unetConfig.ts"
import { vaeConfigSchema, vaeDecoder, vaeEncoder } from "../models/vae.ts"
import { fileWeights } from "../stableDiffusion.ts"
import { refuseExisting, type TransferOptions, type TransferResult } from "./transfer.ts"

export interface ExportOnnxOptions extends TransferOptions {
  /** Pixels; absent means the model's own size. */
  readonly width?: number | undefined
  readonly height?: number | undefined
  /** Rows that the UNet takes: 2 for one image with guidance. */
  readonly batch?: number | undefined
}

/** One network: its folder's name, what goes in and what comes out. */
interface Network {
  readonly name: string
  readonly component: WeightedComponent
  readonly outputs: Readonly<Record<string, Tensor>>
  readonly rows?: Readonly<Record<string, PickedRow>>
  readonly int32Inputs?: ReadonlySet<string>
}

/**
 * Writes the folder `output`: text_encoder, unet, vae_encoder and vae_decoder as model.onnx with model.onnx_data beside
 * it, tokenizer and scheduler as they are. Our graphs have static shapes, so the models take one size and batch only.
 */
export async function exportOnnx(
  directory: string,
  output: string,
  options: ExportOnnxOptions = {},
): Promise<TransferResult> {
  const target = resolve(output)
  await refuseExisting(target)
  const folder = await openModelFolder(directory)
  const size = sizeOf(folder, options)
  const networks = [
    textNetwork("text_encoder", folder.textEncoder, folder.textEncoder2 !== null),
    ...(folder.textEncoder2 === null ? [] : [textNetwork("text_encoder_2", folder.textEncoder2, true)]),
    unetNetwork(folder, size),
    vaeEncoderNetwork(folder.vae, size),
    vaeDecoderNetwork(folder.vae, size),
  ]
  const totalBytes = weightedComponents(folder).reduce(
    (sum, { weights }) => sum + weights.values().reduce((bytes, { byteLength }) => bytes + byteLength, 0),
    0,
  )
  let doneBytes = 0
  await writeDirectoryAtomically(target, async (root) => {
    for (const { name, component, outputs, ...more } of networks) {
      const own = join(root, name)
      await mkdir(own)
      // Optimum asks the configuration whether the UNet takes a guidance embedding.
      const config = name === "unet" ? { time_cond_proj_dim: null, ...component.config } : component.config
      await writeFile(join(own, "config.json"), jsonText(config))
      await writeOnnx(own, outputs, {
        weights: new Map(fileWeights(component, component.name)),
        ...more,
        onPiece(bytes) {
          options.signal?.throwIfAborted()
          doneBytes += bytes
          options.onProgress?.({ file: join(name, "model.onnx_data"), doneBytes, totalBytes })
        },
      })
    }
    await copyTexts(folder.tokenizerDirectory, join(root, "tokenizer"))
    if (folder.tokenizer2Directory !== null) await copyTexts(folder.tokenizer2Directory, join(root, "tokenizer_2"))
    await copyTexts(join(folder.directory, "scheduler"), join(root, "scheduler"))
    await writeFile(join(root, "model_index.json"), jsonText(modelIndex(folder)))
  })
  const { width, height, batch } = size
  return {
    output: target,
    notes: [`The models take ${width}×${height} pixels and ${batch} rows only; export again for another size.`],
  }
}

interface Size {
  readonly width: number
  readonly height: number
  readonly batch: number
  readonly latentWidth: number
  readonly latentHeight: number
}

/** @throws one sentence where a side is no multiple of the VAE's factor. */
function sizeOf({ unet: network, vae }: ModelFolder, options: ExportOnnxOptions): Size {
  const factor = 2 ** (modelConfig(vaeConfigSchema, vae).block_out_channels.length - 1)
  const native = modelConfig(unetConfigSchema, network).sample_size ?? 64
  const [high, wide] = typeof native === "number" ? [native, native] : native
  const { width = wide * factor, height = high * factor, batch = 2 } = options
  for (const [name, value] of Object.entries({ width, height }))
    if (!Number.isSafeInteger(value) || value <= 0 || value % factor !== 0)
      throw new Error(`The ${name} of an ONNX export must be a multiple of ${factor}, got ${value}.`)
  if (!Number.isSafeInteger(batch) || batch < 1)
    throw new Error(`The batch of an ONNX export must be a whole number of at least 1, got ${batch}.`)
  return { width, height, batch, latentWidth: width / factor, latentHeight: height / factor }
}

function paramsOf(graph: Graph, { name, weights }: WeightedComponent): Params {
  return new Params(graph, weights, { component: name })
}

/** `allStates`: SDXL conditions on an inner state, and on the projection of the pooled one. */
function textNetwork(name: string, component: WeightedComponent, allStates: boolean): Network {
  const graph = new Graph()
  const config = modelConfig(clipTextConfigSchema, component)
  const ids = graph.input("input_ids", [1, config.max_position_embeddings], "int64")
  const { lastHiddenState, hiddenStates, projected } = clipTextEncoder(paramsOf(graph, component), ids, config)
  const token = config.eos_token_id === 2 ? ("largest" as const) : config.eos_token_id
  return {
    name,
    component,
    outputs: {
      last_hidden_state: lastHiddenState,
      ...(allStates && Object.fromEntries(hiddenStates.map((state, i) => [`hidden_states.${i}`, state]))),
    },
    rows: projected
      ? { text_embeds: { ids, values: projected, token } }
      : { pooler_output: { ids, values: lastHiddenState, token } },
    // What the pipelines feed.
    int32Inputs: new Set(["input_ids"]),
  }
}

function unetNetwork({ unet: component, textEncoder }: ModelFolder, size: Size): Network {
  const graph = new Graph()
  const config = modelConfig(unetConfigSchema, component)
  const { batch, latentHeight, latentWidth } = size
  const tokens = modelConfig(clipTextConfigSchema, textEncoder).max_position_embeddings
  const context = Array.isArray(config.cross_attention_dim) ? config.cross_attention_dim[0] : config.cross_attention_dim
  const inputs = {
    sample: graph.input("sample", [batch, config.in_channels, latentHeight, latentWidth]),
    // A scalar, as Optimum's own exports take it; other shapes it warns of.
    timesteps: graph.expand(graph.reshape(graph.input("timestep", []), [1]), [batch]),
    context: graph.input("encoder_hidden_states", [batch, tokens, context ?? 1]),
  }
  const pooled = (config.projection_class_embeddings_input_dim ?? 0) - 6 * (config.addition_time_embed_dim ?? 0)
  const added = config.addition_embed_type !== null && {
    textEmbeds: graph.input("text_embeds", [batch, pooled]),
    timeIds: graph.input("time_ids", [batch, 6]),
  }
  const prediction = unet(paramsOf(graph, component), { ...inputs, ...added }, config)
  return { name: "unet", component, outputs: { out_sample: prediction } }
}

function vaeEncoderNetwork(component: WeightedComponent, { width, height }: Size): Network {
  const graph = new Graph()
  const config = modelConfig(vaeConfigSchema, component)
  const image = graph.input("sample", [1, config.in_channels, height, width])
  const { moments } = vaeEncoder(paramsOf(graph, component), image, config)
  return { name: "vae_encoder", component, outputs: { latent_parameters: moments } }
}

function vaeDecoderNetwork(component: WeightedComponent, { latentWidth, latentHeight }: Size): Network {
  const graph = new Graph()
  const config = modelConfig(vaeConfigSchema, component)
  const latents = graph.input("latent_sample", [1, config.latent_channels, latentHeight, latentWidth])
  return {
    name: "vae_decoder",
    component,
    outputs: { sample: vaeDecoder(paramsOf(graph, component), latents, config) },
  }
}

function modelIndex({ modelIndex: base, textEncoder2 }: ModelFolder): JsonObject {
  const network = ["diffusers", "OnnxRuntimeModel"]
  return {
    _class_name: textEncoder2 === null ? "ORTStableDiffusionPipeline" : "ORTStableDiffusionXLPipeline",
    _diffusers_version: base._diffusers_version ?? "0.40.0",
    feature_extractor: [null, null],
    ...(textEncoder2 === null
      ? { requires_safety_checker: false, safety_checker: [null, null] }
      : { force_zeros_for_empty_prompt: base.force_zeros_for_empty_prompt ?? true }),
    scheduler: base.scheduler ?? ["diffusers", "PNDMScheduler"],
    text_encoder: network,
    ...(textEncoder2 && { text_encoder_2: network, tokenizer_2: ["transformers", "CLIPTokenizer"] }),
    tokenizer: ["transformers", "CLIPTokenizer"],
    unet: network,
    vae_decoder: network,
    vae_encoder: network,
  }
}
