/** unet/config.json of UNet2DConditionModel: what Stable Diffusion 1.x, 2.x and XL use of it; anything else is refused. */

import { z } from "zod"

const count = z.int().positive()

/** Options that no Stable Diffusion UNet sets; a model that does would be computed wrongly, so it is not read at all. */
const unsupported = {
  num_attention_heads: z.null().default(null),
  encoder_hid_dim: z.null().default(null),
  encoder_hid_dim_type: z.null().default(null),
  class_embed_type: z.null().default(null),
  num_class_embeds: z.null().default(null),
  class_embeddings_concat: z.literal(false).default(false),
  time_embedding_type: z.literal("positional").default("positional"),
  time_embedding_act_fn: z.null().default(null),
  timestep_post_act: z.null().default(null),
  time_cond_proj_dim: z.null().default(null),
  dual_cross_attention: z.literal(false).default(false),
  attention_type: z.literal("default").default("default"),
  cross_attention_norm: z.null().default(null),
  resnet_time_scale_shift: z.literal("default").default("default"),
  resnet_skip_time_act: z.literal(false).default(false),
  resnet_out_scale_factor: z.literal(1).default(1),
  mid_block_scale_factor: z.literal(1).default(1),
  act_fn: z.enum(["silu", "swish"]).default("silu"),
}

/** Foreign keys are ignored. Defaults are those of diffusers, which leaves them out of older files. */
export const unetConfigSchema = z.object({
  sample_size: z.union([count, z.tuple([count, count])]).nullish(),
  in_channels: count.default(4),
  out_channels: count.default(4),
  center_input_sample: z.boolean().default(false),
  flip_sin_to_cos: z.boolean().default(true),
  freq_shift: z.number().default(0),
  down_block_types: z
    .array(z.enum(["CrossAttnDownBlock2D", "DownBlock2D"]))
    .default(["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"]),
  mid_block_type: z.enum(["UNetMidBlock2DCrossAttn", "UNetMidBlock2D"]).nullable().default("UNetMidBlock2DCrossAttn"),
  up_block_types: z
    .array(z.enum(["CrossAttnUpBlock2D", "UpBlock2D"]))
    .default(["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"]),
  only_cross_attention: z.union([z.boolean(), z.array(z.boolean())]).default(false),
  block_out_channels: z.tuple([count], count).default([320, 640, 1280, 1280]),
  layers_per_block: z.union([count, z.array(count)]).default(2),
  downsample_padding: z.int().min(0).default(1),
  norm_num_groups: count.default(32),
  norm_eps: z.number().positive().default(1e-5),
  cross_attention_dim: z.union([count, z.array(count)]).default(1280),
  transformer_layers_per_block: z.union([count, z.array(z.union([count, z.array(count)]))]).default(1),
  reverse_transformer_layers_per_block: z.array(z.union([count, z.array(count)])).nullish(),
  // The number of heads, in spite of its name: github.com/huggingface/diffusers/issues/2011
  attention_head_dim: z.union([count, z.array(count)]).default(8),
  use_linear_projection: z.boolean().default(false),
  addition_embed_type: z.enum(["text_time"]).nullable().default(null),
  addition_time_embed_dim: count.nullish(),
  projection_class_embeddings_input_dim: count.nullish(),
  time_embedding_dim: count.nullish(),
  conv_in_kernel: count.default(3),
  conv_out_kernel: count.default(3),
  ...unsupported,
})

export type UnetConfig = z.infer<typeof unetConfigSchema>

/** One resolution of the UNet, its lists spread out. */
export interface UnetLevel {
  readonly channels: number
  readonly resnets: number
  readonly heads: number
  readonly contextChannels: number
  readonly onlyCrossAttention: boolean
  /** Transformer layers after each resnet. */
  readonly transformerLayers: readonly number[]
}

/** The levels from the full resolution downwards. Throws when a list has not one entry per level. */
export function unetLevels(config: UnetConfig): UnetLevel[] {
  const levels = config.block_out_channels.length
  function spread<T extends number | boolean | readonly number[]>(key: keyof UnetConfig, value: T | readonly T[]): T[] {
    if (!Array.isArray(value)) return new Array<T>(levels).fill(value as T)
    if (value.length === levels) return value
    throw new Error(
      `UNet configuration: ${key} has ${value.length} entries, but there are ${levels} block_out_channels.`,
    )
  }
  for (const key of ["down_block_types", "up_block_types"] as const) spread<never>(key, config[key] as never)
  const resnets = spread<number>("layers_per_block", config.layers_per_block)
  const heads = spread<number>("attention_head_dim", config.attention_head_dim)
  const contextChannels = spread<number>("cross_attention_dim", config.cross_attention_dim)
  const onlyCrossAttention = spread<boolean>("only_cross_attention", config.only_cross_attention)
  const layers = spread<number | readonly number[]>("transformer_layers_per_block", config.transformer_layers_per_block)
  return config.block_out_channels.map((channels, i) => ({
    channels,
    resnets: resnets[i] ?? 0,
    heads: heads[i] ?? 1,
    contextChannels: contextChannels[i] ?? 0,
    onlyCrossAttention: onlyCrossAttention[i] ?? false,
    transformerLayers: perResnet(layers[i] ?? 1, resnets[i] ?? 0),
  }))
}

/** One number stands for every resnet of the level. */
export function perResnet(layers: number | readonly number[], resnets: number): readonly number[] {
  return typeof layers === "number" ? new Array<number>(resnets).fill(layers) : layers
}
