/**
 * The config.json files that a single file lacks: what names and shapes say, and for the rest what the published models
 * of the family have (stable-diffusion-v1-5, stable-diffusion-2-1 and stable-diffusion-xl-base-1.0 on the Hub).
 */

import type { SafetensorsFile } from "@fjord/engine"
import type { JsonObject, JsonValue } from "../folder/json.ts"
import { type Family, familyNames, type TextPlace, textPrefixes, unetPrefix, vaePrefix } from "./checkpointKind.ts"

export type PredictionType = "epsilon" | "v_prediction"

/** Configurations by the component's folder. */
export interface CheckpointConfigs {
  readonly unet: JsonObject
  readonly vae: JsonObject
  readonly text_encoder: JsonObject
  readonly text_encoder_2?: JsonObject
  readonly scheduler: JsonObject
}

/** Options that no shape shows: they come from a base model, from the file's metadata, or from the published model. */
export const unseenOptions = {
  unet: [
    "addition_time_embed_dim",
    "attention_head_dim",
    "norm_num_groups",
    "norm_eps",
    "sample_size",
    "flip_sin_to_cos",
    "freq_shift",
    "downsample_padding",
    "center_input_sample",
    "upcast_attention",
  ],
  vae: ["norm_num_groups", "sample_size", "scaling_factor", "force_upcast"],
  text_encoder: ["num_attention_heads", "hidden_act", "layer_norm_eps", "projection_dim", "eos_token_id"],
  text_encoder_2: ["num_attention_heads", "hidden_act", "layer_norm_eps", "eos_token_id"],
} as const

type Unseen = Partial<Record<keyof typeof unseenOptions | "scheduler", JsonObject>>

/** @throws one sentence where a shape contradicts the architecture or leaves open what only a base model can say. */
export function checkpointConfigs(
  file: SafetensorsFile,
  family: Family,
  prediction: PredictionType,
  unseen: Unseen,
): CheckpointConfigs {
  const shapeOf = (key: string) => file.tensors.get(key)?.shape
  const given = (component: keyof typeof unseenOptions) => {
    const values = unseen[component] ?? {}
    return Object.fromEntries(
      unseenOptions[component].flatMap((key): [string, JsonValue][] => {
        const value = values[key]
        return value === undefined ? [] : [[key, value]]
      }),
    )
  }
  const [second] = textPrefixes[family].slice(1)
  const large = prediction === "v_prediction"
  const size = family === "sdxl" ? 128 : family === "sd2" && large ? 96 : 64
  return {
    unet: { ...unetConfig(file.path, family, shapeOf, size, given("unet")), ...given("unet") },
    vae: { ...vaeConfig(file.path, family, shapeOf, size * 8), ...given("vae") },
    text_encoder: { ...textConfig(file, textPrefixes[family][0], family === "sd2"), ...given("text_encoder") },
    ...(second && { text_encoder_2: { ...textConfig(file, second, false), ...given("text_encoder_2") } }),
    scheduler: unseen.scheduler
      ? { ...unseen.scheduler, prediction_type: prediction }
      : schedulerConfig(file, family, prediction),
  }
}

type ShapeOf = (key: string) => readonly number[] | undefined

interface Level {
  readonly channels: number
  resnets: number
  /** Transformer layers after each resnet, 0 where there is no attention. */
  layers: number
}

function unetConfig(path: string, family: Family, shapeOf: ShapeOf, size: number, given: JsonObject): JsonObject {
  const at = (key: string) => shapeOf(`${unetPrefix}${key}`)
  const depthOf = (block: string) => {
    let depth = 0
    while (at(`${block}.transformer_blocks.${depth}.norm1.weight`)) depth++
    return depth
  }
  const levels: Level[] = []
  for (let block = 1, fresh = true; ; block++) {
    if (at(`input_blocks.${block}.0.op.weight`)) {
      fresh = true
      continue
    }
    const channels = at(`input_blocks.${block}.0.in_layers.2.weight`)?.[0]
    if (channels === undefined) break
    const layers = depthOf(`input_blocks.${block}.1`)
    const level = levels.at(-1)
    if (fresh || level === undefined) levels.push({ channels, resnets: 1, layers })
    else level.resnets++
    fresh = false
  }
  const inChannels = at("input_blocks.0.0.weight")?.[1]
  const outChannels = at("out.2.weight")?.[0]
  const context = at("middle_block.1.transformer_blocks.0.attn2.to_k.weight")?.[1]
  if (levels.length === 0 || inChannels === undefined || outChannels === undefined || context === undefined)
    throw new Error(`${path}: its UNet is not that of ${familyNames[family]}, or parts of it are missing.`)
  if (inChannels === 9 || inChannels === 8)
    throw new Error(
      `${path} is ${inChannels === 9 ? "an inpainting" : "an image-editing"} model (its UNet takes ${inChannels} ` +
        "channels), which Fjord does not run; take the text-to-image version.",
    )
  const linear = at("middle_block.1.proj_in.weight")?.length === 2
  const middle = depthOf("middle_block.1")
  const channels = levels.map((level) => level.channels)
  const fits =
    channels.every((n) => n % 32 === 0) && (linear ? channels.every((n) => n % 64 === 0) : channels[0] === 320)
  if (!fits && (given.attention_head_dim === undefined || given.norm_num_groups === undefined))
    throw new Error(
      `${path} has a UNet of ${channels.join(", ")} channels, and its heads of attention cannot be seen from that; ` +
        "give a folder of the same architecture with --base.",
    )
  const resnets = levels.map((level) => level.resnets)
  const layers = levels.map((level, i) => (i === levels.length - 1 ? middle : Math.max(1, level.layers)))
  const pooled = at("label_emb.0.0.weight")?.[1]
  return {
    _class_name: "UNet2DConditionModel",
    act_fn: "silu",
    addition_embed_type: pooled === undefined ? null : "text_time",
    addition_time_embed_dim: pooled === undefined ? null : 256,
    // The number of heads, in spite of its name.
    attention_head_dim: linear ? channels.map((n) => n / 64) : 8,
    block_out_channels: channels,
    center_input_sample: false,
    cross_attention_dim: context,
    down_block_types: levels.map((level) => (level.layers > 0 ? "CrossAttnDownBlock2D" : "DownBlock2D")),
    downsample_padding: 1,
    flip_sin_to_cos: true,
    freq_shift: 0,
    in_channels: inChannels,
    layers_per_block: resnets.every((n) => n === resnets[0]) ? (resnets[0] ?? 2) : resnets,
    mid_block_type: "UNetMidBlock2DCrossAttn",
    norm_eps: 1e-5,
    norm_num_groups: 32,
    out_channels: outChannels,
    projection_class_embeddings_input_dim: pooled ?? null,
    sample_size: size,
    transformer_layers_per_block: layers.every((n) => n === 1) ? 1 : layers,
    up_block_types: levels.toReversed().map((level) => (level.layers > 0 ? "CrossAttnUpBlock2D" : "UpBlock2D")),
    use_linear_projection: linear,
  }
}

function vaeConfig(path: string, family: Family, shapeOf: ShapeOf, size: number): JsonObject {
  const at = (key: string) => shapeOf(`${vaePrefix}${key}`)
  const channels: number[] = []
  for (let level = 0; ; level++) {
    const out = at(`encoder.down.${level}.block.0.conv1.weight`)?.[0]
    if (out === undefined) break
    channels.push(out)
  }
  let layers = 0
  while (at(`encoder.down.0.block.${layers}.conv1.weight`)) layers++
  const latent = at("decoder.conv_in.weight")?.[1]
  if (channels.length === 0 || latent === undefined)
    throw new Error(`${path}: its VAE is not that of ${familyNames[family]}, or parts of it are missing.`)
  return {
    _class_name: "AutoencoderKL",
    act_fn: "silu",
    block_out_channels: channels,
    down_block_types: channels.map(() => "DownEncoderBlock2D"),
    force_upcast: family === "sdxl",
    in_channels: at("encoder.conv_in.weight")?.[1] ?? 3,
    latent_channels: latent,
    layers_per_block: layers,
    norm_num_groups: 32,
    out_channels: at("decoder.conv_out.weight")?.[0] ?? 3,
    sample_size: size,
    scaling_factor: family === "sdxl" ? 0.13025 : 0.18215,
    up_block_types: channels.map(() => "UpDecoderBlock2D"),
  }
}

/** `penultimate`: SD 2.x was trained on the layer before the last, which diffusers therefore leaves away. */
function textConfig({ path, tensors }: SafetensorsFile, { prefix, form }: TextPlace, penultimate: boolean): JsonObject {
  const at = (key: string) => tensors.get(`${prefix}${key}`)?.shape
  // Some files leave the outer module text_model away, as transformers 5 does.
  const clip = (key: string) => at(`text_model.${key}`) ?? at(key)
  const layerKey = (i: number) =>
    form === "clip" ? clip(`encoder.layers.${i}.mlp.fc1.weight`) : at(`transformer.resblocks.${i}.mlp.c_fc.weight`)
  let layers = 0
  while (layerKey(layers)) layers++
  const table = form === "clip" ? clip("embeddings.token_embedding.weight") : at("token_embedding.weight")
  const positions = form === "clip" ? clip("embeddings.position_embedding.weight") : at("positional_embedding")
  const [vocabulary, width] = table ?? []
  const inner = layerKey(0)?.[0]
  if (vocabulary === undefined || width === undefined || inner === undefined || positions?.[0] === undefined)
    throw new Error(`${path}: parts of its text encoder (${prefix}…) are missing.`)
  const projection = at("text_projection")
  // Files that diffusers wrote from a folder lack the last layer and the projection already.
  const kept = penultimate && (layers === 24 || projection !== undefined) ? layers - 1 : layers
  const projects = form === "openClip" && !penultimate
  return {
    architectures: [projects ? "CLIPTextModelWithProjection" : "CLIPTextModel"],
    bos_token_id: 0,
    eos_token_id: 2,
    hidden_act: form === "clip" ? "quick_gelu" : "gelu",
    hidden_size: width,
    intermediate_size: inner,
    layer_norm_eps: 1e-5,
    max_position_embeddings: positions[0],
    model_type: "clip_text_model",
    num_attention_heads: Math.max(1, Math.floor(width / 64)),
    num_hidden_layers: kept,
    pad_token_id: 1,
    projection_dim: projects ? (projection?.[1] ?? width) : penultimate ? 512 : width,
    vocab_size: vocabulary,
  }
}

const noiseSchedule = {
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
  beta_start: 0.00085,
  clip_sample: false,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
} as const

function schedulerConfig({ tensors }: SafetensorsFile, family: Family, prediction: PredictionType): JsonObject {
  const common = { ...noiseSchedule, prediction_type: prediction }
  if (family === "sd1") return { _class_name: "PNDMScheduler", ...common }
  if (family === "sd2") return { _class_name: "DDIMScheduler", ...common }
  const zeroSnr = tensors.has("ztsnr")
  return {
    _class_name: "EulerDiscreteScheduler",
    ...common,
    interpolation_type: "linear",
    rescale_betas_zero_snr: zeroSnr,
    timestep_spacing: zeroSnr ? "trailing" : "leading",
    use_karras_sigmas: false,
  }
}
