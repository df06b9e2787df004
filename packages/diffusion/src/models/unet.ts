/** The denoising network of Stable Diffusion; diffusers/models/unets/unet_2d_condition.py and unet_2d_blocks.py. */

import type { Tensor } from "@fjord/engine"
import { axisSize, conv2d, groupNorm } from "./layers.ts"
import type { Params } from "./params.ts"
import { downsample, resnet, upsample } from "./resnet.ts"
import { timeEmbedding, timestepEmbedding } from "./timestepEmbedding.ts"
import { transformer2d } from "./transformer2d.ts"
import { perResnet, type UnetConfig, type UnetLevel, unetLevels } from "./unetConfig.ts"

export interface UnetInputs {
  /** Noisy latents [b, in_channels, h, w]. */
  readonly sample: Tensor
  /** float32 [b]; fractions are allowed. */
  readonly timesteps: Tensor
  /** Text states [b, tokens, cross_attention_dim]. */
  readonly context: Tensor
  /** Stable Diffusion XL only: the pooled text state [b, any]. */
  readonly textEmbeds?: Tensor
  /** Stable Diffusion XL only: original axisSize, crop and target axisSize, float32 [b, 6]. */
  readonly timeIds?: Tensor
}

/** `UNet2DConditionModel`: the predicted noise or velocity [b, out_channels, h, w]. */
export function unet(params: Params, inputs: UnetInputs, config: UnetConfig): Tensor {
  const { graph } = params
  const levels = unetLevels(config)
  const time = embedTime(params, inputs, config)
  const blocks: BlockContext = { time, context: inputs.context, config }

  const [firstLevel] = levels
  if (!firstLevel) throw new Error("UNet configuration: block_out_channels is empty.")
  const convIn = params.at("conv_in")
  let hidden = convIn.block(() => {
    const one = graph.constant(1)
    const two = graph.constant(2)
    const sample = config.center_input_sample ? graph.sub(graph.mul(inputs.sample, two), one) : inputs.sample
    return conv2d(convIn, sample, firstLevel.channels, { kernel: config.conv_in_kernel })
  })

  const skips = [hidden]
  for (const [i, level] of levels.entries()) {
    const withAttention = config.down_block_types[i] === "CrossAttnDownBlock2D"
    const output = downBlock(params.at("down_blocks", i), hidden, level, withAttention, i === levels.length - 1, blocks)
    hidden = output.hidden
    skips.push(...output.skips)
  }

  hidden = midBlock(params.at("mid_block"), hidden, levels[levels.length - 1] ?? firstLevel, blocks)

  for (const [i, mirrored] of levels.toReversed().entries()) {
    const layers = config.reverse_transformer_layers_per_block?.[i]
    // A level goes up with one resnet more than it went down with, for the skip connection from its entrance.
    const resnets = mirrored.resnets + 1
    const transformerLayers = perResnet(layers ?? mirrored.transformerLayers[0] ?? 1, resnets)
    const explicit = layers === undefined && new Set(mirrored.transformerLayers).size > 1
    if (explicit)
      throw new Error(
        "UNet configuration: reverse_transformer_layers_per_block is needed beside uneven transformer layers.",
      )
    const level = { ...mirrored, resnets, transformerLayers }
    const withAttention = config.up_block_types[i] === "CrossAttnUpBlock2D"
    hidden = upBlock(params.at("up_blocks", i), hidden, level, withAttention, i === levels.length - 1, skips, blocks)
  }

  const convOut = params.at("conv_out")
  return convOut.block(() => {
    const normalised = groupNorm(params.at("conv_norm_out"), hidden, config.norm_num_groups, config.norm_eps)
    return conv2d(convOut, graph.silu(normalised), config.out_channels, { kernel: config.conv_out_kernel })
  })
}

interface BlockContext {
  readonly time: Tensor
  readonly context: Tensor
  readonly config: UnetConfig
}

function embedTime(params: Params, inputs: UnetInputs, config: UnetConfig): Tensor {
  const { graph } = params
  const base = config.block_out_channels[0]
  const channels = config.time_embedding_dim ?? base * 4
  const waves = { flipSinToCos: config.flip_sin_to_cos, freqShift: config.freq_shift }
  const embedding = params.at("time_embedding")
  return embedding.block(() => {
    const sinusoids = params
      .at("time_proj")
      .name(timestepEmbedding(graph, inputs.timesteps, { channels: base, ...waves }))
    const time = timeEmbedding(embedding, sinusoids, channels)
    if (config.addition_embed_type === null) return time

    const { textEmbeds, timeIds } = inputs
    const waveChannels = config.addition_time_embed_dim
    if (!textEmbeds || !timeIds || !waveChannels)
      throw new Error(
        "A UNet with addition_embed_type text_time needs text embeds, time ids and addition_time_embed_dim.",
      )
    const flat = graph.reshape(timeIds, [axisSize(timeIds, 0) * axisSize(timeIds, 1)])
    const ids = timestepEmbedding(graph, flat, { channels: waveChannels, ...waves })
    const rows = graph.reshape(ids, [axisSize(timeIds, 0), axisSize(timeIds, 1) * waveChannels])
    const addition = timeEmbedding(params.at("add_embedding"), graph.concat([textEmbeds, rows], 1), channels)
    return graph.add(time, addition)
  })
}

function downBlock(
  params: Params,
  x: Tensor,
  level: UnetLevel,
  withAttention: boolean,
  isLast: boolean,
  blocks: BlockContext,
): { hidden: Tensor; skips: Tensor[] } {
  const skips: Tensor[] = []
  let hidden = x
  for (let i = 0; i < level.resnets; i++) {
    hidden = resnet(params.at("resnets", i), [hidden], resnetOptions(level, blocks))
    if (withAttention) hidden = attend(params.at("attentions", i), hidden, level, level.transformerLayers[i], blocks)
    skips.push(hidden)
  }
  if (!isLast) {
    hidden = downsample(params.at("downsamplers", 0), hidden, blocks.config.downsample_padding)
    skips.push(hidden)
  }
  return { hidden: params.name(hidden), skips }
}

function midBlock(params: Params, x: Tensor, level: UnetLevel, blocks: BlockContext): Tensor {
  const type = blocks.config.mid_block_type
  if (type === null) return x
  let hidden = resnet(params.at("resnets", 0), [x], resnetOptions(level, blocks))
  if (type === "UNetMidBlock2D") return params.name(hidden)
  // diffusers hands the middle block no only_cross_attention.
  const both = { ...level, onlyCrossAttention: false }
  hidden = attend(params.at("attentions", 0), hidden, both, level.transformerLayers[0], blocks)
  return params.name(resnet(params.at("resnets", 1), [hidden], resnetOptions(level, blocks)))
}

/** Takes its skip connections off the end of `skips`. */
function upBlock(
  params: Params,
  x: Tensor,
  level: UnetLevel,
  withAttention: boolean,
  isLast: boolean,
  skips: Tensor[],
  blocks: BlockContext,
): Tensor {
  let hidden = x
  for (let i = 0; i < level.resnets; i++) {
    const skip = skips.pop()
    if (!skip) throw new Error(`${params.module}: no skip connection is left for resnet ${i}.`)
    hidden = resnet(params.at("resnets", i), [hidden, skip], resnetOptions(level, blocks))
    if (withAttention) hidden = attend(params.at("attentions", i), hidden, level, level.transformerLayers[i], blocks)
  }
  // The next skip tells the size to come back to, which is not the double where downsampling rounded up.
  if (!isLast) hidden = upsample(params.at("upsamplers", 0), hidden, skips.at(-1))
  return params.name(hidden)
}

function resnetOptions(level: UnetLevel, { time, config }: BlockContext) {
  return { out: level.channels, groups: config.norm_num_groups, epsilon: config.norm_eps, time }
}

function attend(params: Params, x: Tensor, level: UnetLevel, layers: number | undefined, blocks: BlockContext): Tensor {
  const { context, config } = blocks
  if (axisSize(context, 2) !== level.contextChannels)
    throw new Error(
      `${params.module}: text states have ${axisSize(context, 2)} channels, but cross_attention_dim is ${level.contextChannels}: ` +
        "do the text encoder and the UNet belong together?",
    )
  return transformer2d(params, x, {
    context,
    heads: level.heads,
    layers: layers ?? 1,
    groups: config.norm_num_groups,
    linearProjection: config.use_linear_projection,
    onlyCrossAttention: level.onlyCrossAttention,
  })
}
