/**
 * Single files as others' programs save them, at tiny size: names and shapes come from loops like those of
 * CompVis/latent-diffusion (openaimodel.py, diffusionmodules/model.py), transformers' CLIP and mlfoundations/open_clip,
 * never from Fjord's own tables of names.
 */

import { float32ToFloat16, type NamedTensor } from "@fjord/engine"
import type { Family } from "./checkpointKind.ts"

type Entry = readonly [name: string, shape: readonly number[]]

const pair = (name: string, shape: readonly number[]): Entry[] => [
  [`${name}.weight`, shape],
  [`${name}.bias`, [shape[0] ?? 0]],
]
const norm = (name: string, channels: number) => pair(name, [channels])
const linear = (name: string, out: number, into: number) => pair(name, [out, into])
const conv = (name: string, out: number, into: number, size = 3) => pair(name, [out, into, size, size])
const bare = (name: string, out: number, into: number): Entry[] => [[`${name}.weight`, [out, into]]]

type UnetPlan = {
  readonly channels: readonly number[]
  /** Transformer layers of each level, and in the middle. */
  readonly depths: readonly number[]
  readonly middle: number
  readonly context: number
  readonly linear: boolean
  readonly pooled?: number
}

const resnets = 2

function unet({ channels, depths, middle, context, linear: asLinear, pooled }: UnetPlan): Entry[] {
  const [first = 0] = channels
  const time = 4 * first
  const res = (name: string, into: number, out: number) => [
    ...norm(`${name}.in_layers.0`, into),
    ...conv(`${name}.in_layers.2`, out, into),
    ...linear(`${name}.emb_layers.1`, out, time),
    ...norm(`${name}.out_layers.0`, out),
    ...conv(`${name}.out_layers.3`, out, out),
    ...(into === out ? [] : conv(`${name}.skip_connection`, out, into, 1)),
  ]
  const project = (name: string, width: number) => (asLinear ? linear(name, width, width) : conv(name, width, width, 1))
  const attention = (name: string, width: number, keys: number) => [
    ...bare(`${name}.to_q`, width, width),
    ...bare(`${name}.to_k`, width, keys),
    ...bare(`${name}.to_v`, width, keys),
    ...linear(`${name}.to_out.0`, width, width),
  ]
  const transformer = (name: string, width: number, depth: number) => [
    ...norm(`${name}.norm`, width),
    ...project(`${name}.proj_in`, width),
    ...Array.from({ length: depth }, (_, i) => `${name}.transformer_blocks.${i}`).flatMap((block) => [
      ...attention(`${block}.attn1`, width, width),
      ...linear(`${block}.ff.net.0.proj`, 8 * width, width),
      ...linear(`${block}.ff.net.2`, width, 4 * width),
      ...attention(`${block}.attn2`, width, context),
      ...[1, 2, 3].flatMap((i) => norm(`${block}.norm${i}`, width)),
    ]),
    ...project(`${name}.proj_out`, width),
  ]
  const entries = [
    ...linear("time_embed.0", time, first),
    ...linear("time_embed.2", time, time),
    ...(pooled === undefined ? [] : [...linear("label_emb.0.0", time, pooled), ...linear("label_emb.0.2", time, time)]),
    ...conv("input_blocks.0.0", first, 4),
  ]
  const skips = [first]
  let width = first
  let block = 1
  for (const [level, out] of channels.entries()) {
    for (let i = 0; i < resnets; i++, block++) {
      entries.push(...res(`input_blocks.${block}.0`, width, out))
      width = out
      if (depths[level]) entries.push(...transformer(`input_blocks.${block}.1`, width, depths[level]))
      skips.push(width)
    }
    if (level === channels.length - 1) continue
    entries.push(...conv(`input_blocks.${block++}.0.op`, width, width))
    skips.push(width)
  }
  entries.push(...res("middle_block.0", width, width))
  entries.push(...transformer("middle_block.1", width, middle))
  entries.push(...res("middle_block.2", width, width))
  block = 0
  for (const [level, out] of [...channels.entries()].toReversed())
    for (let i = 0; i <= resnets; i++, block++) {
      entries.push(...res(`output_blocks.${block}.0`, width + (skips.pop() ?? 0), out))
      width = out
      if (depths[level]) entries.push(...transformer(`output_blocks.${block}.1`, width, depths[level]))
      if (level > 0 && i === resnets)
        entries.push(...conv(`output_blocks.${block}.${depths[level] ? 2 : 1}.conv`, width, width))
    }
  return [...entries, ...norm("out.0", first), ...conv("out.2", 4, first)]
}

function vae(channels: readonly number[]): Entry[] {
  const res = (name: string, into: number, out: number) => [
    ...norm(`${name}.norm1`, into),
    ...conv(`${name}.conv1`, out, into),
    ...norm(`${name}.norm2`, out),
    ...conv(`${name}.conv2`, out, out),
    ...(into === out ? [] : conv(`${name}.nin_shortcut`, out, into, 1)),
  ]
  const widest = channels.at(-1) ?? 0
  const middle = (side: string) => [
    ...res(`${side}.mid.block_1`, widest, widest),
    ...norm(`${side}.mid.attn_1.norm`, widest),
    ...["q", "k", "v", "proj_out"].flatMap((part) => conv(`${side}.mid.attn_1.${part}`, widest, widest, 1)),
    ...res(`${side}.mid.block_2`, widest, widest),
  ]
  const entries: Entry[] = conv("encoder.conv_in", channels[0] ?? 0, 3)
  let width = channels[0] ?? 0
  for (const [level, out] of channels.entries()) {
    for (let i = 0; i < resnets; i++) {
      entries.push(...res(`encoder.down.${level}.block.${i}`, width, out))
      width = out
    }
    if (level < channels.length - 1) entries.push(...conv(`encoder.down.${level}.downsample.conv`, width, width))
  }
  entries.push(...middle("encoder"), ...norm("encoder.norm_out", widest), ...conv("encoder.conv_out", 8, widest))
  entries.push(...conv("decoder.conv_in", widest, 4), ...middle("decoder"))
  for (const [level, out] of [...channels.entries()].toReversed()) {
    for (let i = 0; i <= resnets; i++) {
      entries.push(...res(`decoder.up.${level}.block.${i}`, width, out))
      width = out
    }
    if (level > 0) entries.push(...conv(`decoder.up.${level}.upsample.conv`, width, width))
  }
  return [
    ...entries,
    ...norm("decoder.norm_out", width),
    ...conv("decoder.conv_out", 3, width),
    ...conv("quant_conv", 8, 8, 1),
    ...conv("post_quant_conv", 4, 4, 1),
  ]
}

const layers = 3

function clip(width: number, vocabulary: number): Entry[] {
  return [
    ["text_model.embeddings.token_embedding.weight", [vocabulary, width]],
    ["text_model.embeddings.position_embedding.weight", [77, width]],
    ...Array.from({ length: layers }, (_, i) => `text_model.encoder.layers.${i}`).flatMap((layer) => [
      ...["k_proj", "v_proj", "q_proj", "out_proj"].flatMap((part) =>
        linear(`${layer}.self_attn.${part}`, width, width),
      ),
      ...norm(`${layer}.layer_norm1`, width),
      ...linear(`${layer}.mlp.fc1`, 4 * width, width),
      ...linear(`${layer}.mlp.fc2`, width, 4 * width),
      ...norm(`${layer}.layer_norm2`, width),
    ]),
    ...norm("text_model.final_layer_norm", width),
  ]
}

function openClip(width: number, vocabulary: number): Entry[] {
  return [
    ["positional_embedding", [77, width]],
    ["text_projection", [width, width]],
    ...Array.from({ length: layers }, (_, i) => `transformer.resblocks.${i}`).flatMap((block): Entry[] => [
      ...norm(`${block}.ln_1`, width),
      [`${block}.attn.in_proj_weight`, [3 * width, width]],
      [`${block}.attn.in_proj_bias`, [3 * width]],
      ...linear(`${block}.attn.out_proj`, width, width),
      ...norm(`${block}.ln_2`, width),
      ...linear(`${block}.mlp.c_fc`, 4 * width, width),
      ...linear(`${block}.mlp.c_proj`, width, 4 * width),
    ]),
    ["token_embedding.weight", [vocabulary, width]],
    ...norm("ln_final", width),
  ]
}

const width = 64
const under = (prefix: string, entries: readonly Entry[]) =>
  entries.map(([name, shape]): Entry => [prefix + name, shape])

const unets: Readonly<Record<Family, UnetPlan>> = {
  sd1: { channels: [64, 128], depths: [1, 0], middle: 1, context: width, linear: false },
  sd2: { channels: [64, 128], depths: [1, 0], middle: 1, context: width, linear: true },
  // 6 sizes, each as 256 numbers, beside the pooled state.
  sdxl: {
    channels: [64, 128, 128],
    depths: [0, 1, 2],
    middle: 2,
    context: 2 * width,
    linear: true,
    pooled: width + 6 * 256,
  },
}

const textEncoders: Readonly<Record<Family, (vocabulary: number) => Entry[]>> = {
  sd1: (vocabulary) => under("cond_stage_model.transformer.", clip(width, vocabulary)),
  sd2: (vocabulary) => under("cond_stage_model.model.", openClip(width, vocabulary)),
  sdxl: (vocabulary) => [
    ...under("conditioner.embedders.0.transformer.", clip(width, vocabulary)),
    ...under("conditioner.embedders.1.model.", openClip(width, vocabulary)),
  ],
}

/** Tensors of one type; no two have the same numbers. */
export function numbered(entries: readonly Entry[], dataType: "F32" | "F16" = "F32"): NamedTensor[] {
  return entries.map(([name, shape], at) => {
    const count = shape.reduce((product, n) => product * n, 1)
    const data = new Float32Array(count)
    for (let i = 0; i < count; i++) data[i] = ((at * 7919 + i * 31) % 4099) / 4099 - 0.5
    return dataType === "F32"
      ? { name, dataType, shape, data }
      : { name, dataType, shape, data: float32ToFloat16(data) }
  })
}

/** The model that a stranger's single file holds. `vocabulary` is the number of tokens of its text encoders. */
export function strangersModel(family: Family, vocabulary: number, dataType: "F32" | "F16" = "F32"): NamedTensor[] {
  return numbered(
    [
      ...under("model.diffusion_model.", unet(unets[family])),
      ...under("first_stage_model.", vae([32, 64])),
      ...textEncoders[family](vocabulary),
    ],
    dataType,
  )
}
