/** Images to latents and back; diffusers/models/autoencoders/autoencoder_kl.py and vae.py. */

import type { Tensor } from "@fjord/engine"
import { z } from "zod"
import { attention, axisSize, conv2d, groupNorm } from "./layers.ts"
import type { Params } from "./params.ts"
import { downsample, resnet, upsample } from "./resnet.ts"
import { imageToTokens, tokensToImage } from "./transformer2d.ts"

const count = z.int().positive()

/** vae/config.json of AutoencoderKL; foreign keys are ignored, other block types refused. */
export const vaeConfigSchema = z.object({
  in_channels: count.default(3),
  out_channels: count.default(3),
  down_block_types: z.array(z.literal("DownEncoderBlock2D")).default(["DownEncoderBlock2D"]),
  up_block_types: z.array(z.literal("UpDecoderBlock2D")).default(["UpDecoderBlock2D"]),
  block_out_channels: z.tuple([count], count).default([64]),
  layers_per_block: count.default(1),
  act_fn: z.enum(["silu", "swish"]).default("silu"),
  latent_channels: count.default(4),
  norm_num_groups: count.default(32),
  sample_size: count.default(32),
  scaling_factor: z.number().default(0.18215),
  shift_factor: z.number().nullish(),
  use_quant_conv: z.boolean().default(true),
  use_post_quant_conv: z.boolean().default(true),
  mid_block_add_attention: z.boolean().default(true),
})

export type VaeConfig = z.infer<typeof vaeConfigSchema>

const epsilon = 1e-6

export interface VaeEncoderOutput {
  /** [b, 2 latent_channels, h, w]: the mean, then the logarithm of the variance as the network gives it. */
  readonly moments: Tensor
  readonly mean: Tensor
  /** Clamped to [-30, 20], as diffusers' `DiagonalGaussianDistribution` does. */
  readonly logVariance: Tensor
  /** A sample is mean + standardDeviation * noise; the UNet sees it times scaling_factor. */
  readonly standardDeviation: Tensor
}

/** image [b, in_channels, height, width] in [-1, 1] -> the distribution of its latents. */
export function vaeEncoder(params: Params, image: Tensor, config: VaeConfig): VaeEncoderOutput {
  const { graph } = params
  const encoder = params.at("encoder")
  const channels = config.block_out_channels
  const convIn = encoder.at("conv_in")
  let hidden = convIn.block(() => conv2d(convIn, image, channels[0]))
  for (const [i, out] of channels.entries()) {
    const down = encoder.at("down_blocks", i)
    for (let j = 0; j < config.layers_per_block; j++)
      hidden = resnet(down.at("resnets", j), [hidden], { out, groups: config.norm_num_groups, epsilon })
    if (i < channels.length - 1) hidden = downsample(down.at("downsamplers", 0), hidden, 0)
    down.name(hidden)
  }
  hidden = midBlock(encoder.at("mid_block"), hidden, config)

  return encoder.at("conv_out").block(() => {
    const latent = config.latent_channels
    let moments = projectOut(encoder, hidden, latent * 2, config)
    if (config.use_quant_conv) moments = conv2d(params.at("quant_conv"), moments, latent * 2, { kernel: 1 })
    const logVariance = graph.clip(graph.slice(moments, 1, latent, latent * 2), -30, 20)
    const standardDeviation = graph.exp(graph.mul(graph.constant(0.5), logVariance))
    return { moments, mean: graph.slice(moments, 1, 0, latent), logVariance, standardDeviation }
  })
}

/** latents [b, latent_channels, h, w], already divided by scaling_factor -> image in about [-1, 1]. */
export function vaeDecoder(params: Params, latents: Tensor, config: VaeConfig): Tensor {
  const decoder = params.at("decoder")
  const channels = config.block_out_channels.toReversed()
  const convIn = decoder.at("conv_in")
  let hidden = convIn.block(() => {
    const projected = config.use_post_quant_conv
      ? conv2d(params.at("post_quant_conv"), latents, config.latent_channels, { kernel: 1 })
      : latents
    return conv2d(convIn, projected, channels[0] ?? config.block_out_channels[0])
  })
  hidden = midBlock(decoder.at("mid_block"), hidden, config)
  for (const [i, out] of channels.entries()) {
    const up = decoder.at("up_blocks", i)
    for (let j = 0; j <= config.layers_per_block; j++)
      hidden = resnet(up.at("resnets", j), [hidden], { out, groups: config.norm_num_groups, epsilon })
    if (i < channels.length - 1) hidden = upsample(up.at("upsamplers", 0), hidden)
    up.name(hidden)
  }
  return decoder.at("conv_out").block(() => projectOut(decoder, hidden, config.out_channels, config))
}

/** `UNetMidBlock2D` with one head of attention over all channels. */
function midBlock(params: Params, x: Tensor, config: VaeConfig): Tensor {
  const options = { out: axisSize(x, 1), groups: config.norm_num_groups, epsilon }
  let hidden = resnet(params.at("resnets", 0), [x], options)
  if (config.mid_block_add_attention) hidden = imageAttention(params.at("attentions", 0), hidden, config)
  return params.name(resnet(params.at("resnets", 1), [hidden], options))
}

function imageAttention(params: Params, x: Tensor, config: VaeConfig): Tensor {
  return params.block(() => {
    const normalised = groupNorm(params.at("group_norm"), x, config.norm_num_groups, epsilon)
    const attended = attention(params, imageToTokens(normalised), { heads: 1, bias: true })
    return params.name(params.graph.add(tokensToImage(attended, x), x))
  })
}

function projectOut(params: Params, x: Tensor, out: number, config: VaeConfig): Tensor {
  const normalised = groupNorm(params.at("conv_norm_out"), x, config.norm_num_groups, epsilon)
  return conv2d(params.at("conv_out"), params.graph.silu(normalised), out)
}
