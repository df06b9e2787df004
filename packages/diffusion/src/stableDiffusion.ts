/** A Stable Diffusion model folder made ready to run: parsed configurations, tokenizer, and its networks as programs. */

import type { SchedulerName } from "@fjord/contracts"
import { compile, defaultThreads, Graph, type Program, type Provider, type Weight, type Weights } from "@fjord/engine"
import { type ModelFolder, openModelFolder, type WeightedComponent } from "./folder/modelFolder.ts"
import { type ClipTextConfig, clipTextConfigSchema, clipTextEncoder } from "./models/clipTextEncoder.ts"
import { modelConfig } from "./models/modelConfig.ts"
import { type Adapters, Params } from "./models/params.ts"
import { unet } from "./models/unet.ts"
import { type UnetConfig, unetConfigSchema } from "./models/unetConfig.ts"
import { type VaeConfig, vaeConfigSchema, vaeDecoder, vaeEncoder } from "./models/vae.ts"
import { type Scheduler, schedulerFromDiffusersConfig } from "./schedulers/index.ts"
import { type ClipTokenizer, loadClipTokenizer } from "./text/clipTokenizer.ts"
import { UnsupportedError } from "./unsupported.ts"

export interface StableDiffusion {
  readonly folder: ModelFolder
  readonly unetConfig: UnetConfig
  readonly vaeConfig: VaeConfig
  readonly textConfig: ClipTextConfig
  readonly tokenizer: ClipTokenizer
  /** The second text encoder of Stable Diffusion XL; null for 1.x and 2.x. */
  readonly second: { readonly config: ClipTextConfig; readonly tokenizer: ClipTokenizer } | null
  /** Pixels per latent, along each side: 8 for SD. */
  readonly scaleFactor: number
  /** Weights by `unet.…`, `vae.…`, `text_encoder.…`, lying in the model's own files. */
  readonly weights: Weights
}

/** What a run adds to the model: weights that replace the files', and low-rank adapters. */
export interface Tuning {
  readonly weights: Weights
  readonly unetAdapters: Adapters
  readonly textAdapters: Adapters
  /** Those of Stable Diffusion XL's second text encoder. */
  readonly secondTextAdapters?: Adapters
}

export const untuned: Tuning = { weights: new Map(), unetAdapters: new Map(), textAdapters: new Map() }

export interface Machine {
  readonly provider: Provider
  readonly threads: number
  /** Keep weights as they lie in their files: less memory, slower; see `CompileOptions`. */
  readonly weightsAsTheyLie?: boolean
}

/** What the options `provider` and `threads` mean; 0 threads is one per core. */
export function machineOf({ provider, threads }: { provider: Provider; threads: number }): Machine {
  return { provider, threads: threads === 0 ? defaultThreads() : threads }
}

/** @throws one sentence where the folder is no Stable Diffusion model in diffusers' layout. */
export async function loadStableDiffusion(directory: string): Promise<StableDiffusion> {
  const folder = await openModelFolder(directory)
  const { textEncoder2, tokenizer2Directory } = folder
  const unetConfig = modelConfig(unetConfigSchema, folder.unet)
  const vaeConfig = modelConfig(vaeConfigSchema, folder.vae)
  checkChannels(directory, unetConfig, vaeConfig)
  return {
    folder,
    unetConfig,
    vaeConfig,
    textConfig: modelConfig(clipTextConfigSchema, folder.textEncoder),
    tokenizer: await loadClipTokenizer(folder.tokenizerDirectory),
    second:
      textEncoder2 && tokenizer2Directory !== null
        ? {
            config: modelConfig(clipTextConfigSchema, textEncoder2),
            tokenizer: await loadClipTokenizer(tokenizer2Directory),
          }
        : null,
    scaleFactor: 2 ** (vaeConfig.block_out_channels.length - 1),
    weights: new Map([
      ...fileWeights(folder.unet, "unet"),
      ...fileWeights(folder.vae, "vae"),
      ...fileWeights(folder.textEncoder, "text_encoder"),
      ...(textEncoder2 ? fileWeights(textEncoder2, "text_encoder_2") : []),
    ]),
  }
}

/** Inpainting and instruction models take more channels than the latents: a mask, a picture's latents. */
function checkChannels(directory: string, unetConfig: UnetConfig, vaeConfig: VaeConfig): void {
  const { in_channels: into, out_channels: out } = unetConfig
  const { latent_channels: latent } = vaeConfig
  if (into !== latent || out !== latent)
    throw new UnsupportedError(
      `The UNet of ${directory} takes ${into} channels and gives ${out}, but its VAE makes latents of ${latent}; ` +
        "Fjord makes pictures from text alone, use a model without inputs for a mask or a picture.",
    )
}

/** Weights where they lie, for ONNX Runtime to map. */
export function* fileWeights({ weights }: WeightedComponent, component: string): Generator<[string, Weight]> {
  for (const [key, { file, byteOffset, byteLength }] of weights)
    yield [`${component}.${key}`, { kind: "file", path: file.path, byteOffset, byteLength }]
}

/** The catalogue of a component, with trained weights counted as the float32 arrays they are. */
export function catalogue({ weights }: WeightedComponent, component: string, tuned: Weights) {
  return new Map(
    [...weights].map(([key, { shape, dataType }]) => [
      key,
      { shape, dataType: tuned.get(`${component}.${key}`)?.kind === "memory" ? "F32" : dataType },
    ]),
  )
}

function options(model: StableDiffusion, tuning: Tuning, machine: Machine) {
  return { ...machine, weights: new Map([...model.weights, ...tuning.weights]) }
}

/** Token ids int64 [1, tokens] → states [1, tokens, channels]. */
export function textEncoderProgram(
  model: StableDiffusion,
  tokens: number,
  tuning: Tuning,
  machine: Machine,
): Promise<Program<"states">> {
  const graph = new Graph()
  const params = new Params(graph, catalogue(model.folder.textEncoder, "text_encoder", tuning.weights), {
    component: "text_encoder",
    adapters: tuning.textAdapters,
  })
  const { lastHiddenState } = clipTextEncoder(params, graph.input("ids", [1, tokens], "int64"), model.textConfig)
  return compile({ states: lastHiddenState }, options(model, tuning, machine))
}

/**
 * What Stable Diffusion XL takes of a text encoder: ids int64 [1, tokens] → the states before the last layer
 * [1, tokens, channels] and, of the second, every token's projection [1, tokens, projection].
 */
export async function innerTextProgram(
  model: StableDiffusion,
  which: "first" | "second",
  tokens: number,
  tuning: Tuning,
  machine: Machine,
): Promise<Program<"states" | "projected">> {
  const { textEncoder, textEncoder2 } = model.folder
  const [folder, config] = which === "first" ? [textEncoder, model.textConfig] : [textEncoder2, model.second?.config]
  if (!folder || !config) throw new Error(`${model.folder.directory} has no second text encoder.`)
  const graph = new Graph()
  const adapters = which === "first" ? tuning.textAdapters : (tuning.secondTextAdapters ?? new Map())
  const params = new Params(graph, catalogue(folder, folder.name, tuning.weights), { component: folder.name, adapters })
  const { hiddenStates, projected } = clipTextEncoder(params, graph.input("ids", [1, tokens], "int64"), config)
  const states = hiddenStates.at(-2) ?? hiddenStates[0]
  if (states === undefined) throw new Error(`The ${which} text encoder of ${model.folder.directory} has no layers.`)
  return compile({ states, projected: projected ?? states }, options(model, tuning, machine))
}

/** Channels of the text states that the UNet sees. */
export function contextChannels({ textConfig, second }: StableDiffusion): number {
  return textConfig.hidden_size + (second?.config.hidden_size ?? 0)
}

export interface UnetSize {
  readonly batch: number
  readonly height: number
  readonly width: number
  readonly tokens: number
}

/**
 * (sample [b, c, h, w], timesteps [b], context [b, tokens, channels]) → prediction [b, c, h, w]; Stable Diffusion XL also
 * takes textEmbeds [b, projection] and timeIds [b, 6].
 */
export function unetProgram(
  model: StableDiffusion,
  { batch, height, width, tokens }: UnetSize,
  tuning: Tuning,
  machine: Machine,
): Promise<Program<"prediction">> {
  const graph = new Graph()
  const params = new Params(graph, catalogue(model.folder.unet, "unet", tuning.weights), {
    component: "unet",
    adapters: tuning.unetAdapters,
  })
  const inputs = {
    sample: graph.input("sample", [batch, model.unetConfig.in_channels, height, width]),
    timesteps: graph.input("timesteps", [batch]),
    context: graph.input("context", [batch, tokens, contextChannels(model)]),
    ...(model.second && {
      textEmbeds: graph.input("textEmbeds", [batch, model.second.config.projection_dim]),
      timeIds: graph.input("timeIds", [batch, 6]),
    }),
  }
  return compile({ prediction: unet(params, inputs, model.unetConfig) }, options(model, tuning, machine))
}

/** latents [1, c, h, w], divided by the scaling factor → image [1, 3, height, width]. */
export function vaeDecoderProgram(
  model: StableDiffusion,
  height: number,
  width: number,
  machine: Machine,
): Promise<Program<"image">> {
  const graph = new Graph()
  const params = new Params(graph, catalogue(model.folder.vae, "vae", untuned.weights), { component: "vae" })
  const latents = graph.input("latents", [1, model.vaeConfig.latent_channels, height, width])
  return compile({ image: vaeDecoder(params, latents, model.vaeConfig) }, options(model, untuned, machine))
}

/** image [1, 3, height, width] in [-1, 1] → mean and standard deviation of its latents. */
export function vaeEncoderProgram(
  model: StableDiffusion,
  height: number,
  width: number,
  machine: Machine,
): Promise<Program<"mean" | "standardDeviation">> {
  const graph = new Graph()
  const params = new Params(graph, catalogue(model.folder.vae, "vae", untuned.weights), { component: "vae" })
  const image = graph.input("image", [1, model.vaeConfig.in_channels, height, width])
  const { mean, standardDeviation } = vaeEncoder(params, image, model.vaeConfig)
  return compile({ mean, standardDeviation }, options(model, untuned, machine))
}

/** Prompts to text states, one program per length; identical prompts are computed once. */
export async function encodePrompts(
  model: StableDiffusion,
  rows: readonly (readonly number[])[],
  tuning: Tuning,
  machine: Machine,
): Promise<Float32Array[]> {
  const known = new Map<string, Float32Array>()
  for (const tokens of new Set(rows.map(({ length }) => length))) {
    const program = await textEncoderProgram(model, tokens, tuning, machine)
    for (const ids of rows.filter(({ length }) => length === tokens)) {
      if (known.has(ids.join())) continue
      const { states } = await program.run({ ids: BigInt64Array.from(ids, BigInt) })
      known.set(ids.join(), states as Float32Array)
    }
    await program.release()
  }
  return rows.map((ids) => known.get(ids.join()) as Float32Array)
}

/**
 * The model's scheduler under `name`, as StableDiffusionPipeline prepares it: steps_offset 1 and no clipping of samples,
 * whatever an old scheduler_config.json says.
 */
export function samplingScheduler(model: StableDiffusion, name: SchedulerName): Scheduler {
  const config = { ...model.folder.schedulerConfig, clip_sample: false }
  return schedulerFromDiffusersConfig("steps_offset" in config ? { ...config, steps_offset: 1 } : config, name)
}
