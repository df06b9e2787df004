/**
 * The names of weights in single-file checkpoints, the form in which CompVis and Stability AI published their models.
 * Sources: CompVis/latent-diffusion (openaimodel.py, diffusionmodules/model.py), mlfoundations/open_clip (transformer.py),
 * diffusers' scripts/convert_diffusers_to_original_stable_diffusion.py.
 */

/** diffusers key → the single file's key, without the prefix of its component. */
export type OriginalNames = ReadonlyMap<string, string>

const unetFixed: Readonly<Record<string, string>> = {
  "time_embedding.linear_1": "time_embed.0",
  "time_embedding.linear_2": "time_embed.2",
  "add_embedding.linear_1": "label_emb.0.0",
  "add_embedding.linear_2": "label_emb.0.2",
  conv_in: "input_blocks.0.0",
  conv_norm_out: "out.0",
  conv_out: "out.2",
}

const resnetParts: Readonly<Record<string, string>> = {
  norm1: "in_layers.0",
  conv1: "in_layers.2",
  time_emb_proj: "emb_layers.1",
  norm2: "out_layers.0",
  conv2: "out_layers.3",
  conv_shortcut: "skip_connection",
}

const blockKey = /^(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.+)$/
const midKey = /^mid_block\.(resnets|attentions)\.(\d+)\.(.+)$/

/** `conv1.weight` or, for the path of a module, `conv1` inside a resnet. */
function resnetPart(rest: string): string | undefined {
  const [part = "", ...kind] = rest.split(".")
  const original = resnetParts[part]
  return original && [original, ...kind].join(".")
}

/**
 * Names of the UNet's weights or modules. CompVis numbers the layers of all levels through; how many a level has is seen
 * from the keys themselves, so any depth of UNet is understood.
 * @throws where a key belongs to no UNet of Stable Diffusion.
 */
export function unetOriginalNames(keys: readonly string[]): OriginalNames {
  const resnets = { down: [] as number[], up: [] as number[] }
  const attentive = new Set<number>()
  for (const key of keys) {
    const [, side, level, kind, index] = blockKey.exec(key) ?? []
    if (side === undefined) continue
    const counts = side === "down" ? resnets.down : resnets.up
    if (kind === "resnets") counts[Number(level)] = Math.max(counts[Number(level)] ?? 0, Number(index) + 1)
    if (kind === "attentions" && side === "up") attentive.add(Number(level))
  }
  /** Layers in all levels before this one. */
  const before = (counts: readonly number[], level: number, extra: number) =>
    counts.slice(0, level).reduce((sum, count) => sum + count + extra, 0)

  function nameOf(key: string): string | undefined {
    for (const [module, original] of Object.entries(unetFixed))
      if (key === module || key.startsWith(`${module}.`)) return original + key.slice(module.length)
    const mid = midKey.exec(key)
    if (mid) {
      const [, kind, index, rest = ""] = mid
      if (kind === "attentions") return `middle_block.${2 * Number(index) + 1}.${rest}`
      const part = resnetPart(rest)
      return part && `middle_block.${2 * Number(index)}.${part}`
    }
    const [, side, levelText, kind, indexText, rest = ""] = blockKey.exec(key) ?? []
    const [level, index] = [Number(levelText), Number(indexText)]
    if (side === "down") {
      const first = 1 + before(resnets.down, level, 1)
      if (kind === "attentions") return `input_blocks.${first + index}.1.${rest}`
      if (kind === "downsamplers")
        return `input_blocks.${first + (resnets.down[level] ?? 0)}.0.${rest.replace(/^conv\b/, "op")}`
      const part = resnetPart(rest)
      return part && `input_blocks.${first + index}.0.${part}`
    }
    if (side === "up") {
      const first = before(resnets.up, level, 0)
      if (kind === "attentions") return `output_blocks.${first + index}.1.${rest}`
      if (kind === "upsamplers")
        return `output_blocks.${first + (resnets.up[level] ?? 1) - 1}.${attentive.has(level) ? 2 : 1}.${rest}`
      const part = resnetPart(rest)
      return part && `output_blocks.${first + index}.0.${part}`
    }
    return undefined
  }
  return named(keys, nameOf, "UNet")
}

const vaeAttentionParts: Readonly<Record<string, string>> = {
  group_norm: "norm",
  to_q: "q",
  to_k: "k",
  to_v: "v",
  "to_out.0": "proj_out",
}

/** Names of the VAE's weights. Attention projections are 1×1 convolutions there: [C, C] here is [C, C, 1, 1]. */
export function vaeOriginalNames(keys: readonly string[]): OriginalNames {
  const levels = 1 + Math.max(0, ...keys.map((key) => Number(/^decoder\.up_blocks\.(\d+)\./.exec(key)?.[1] ?? 0)))
  return named(
    keys,
    (key) => {
      const attention = /^((?:en|de)coder)\.mid_block\.attentions\.0\.(group_norm|to_[qkv]|to_out\.0)\.(.+)$/.exec(key)
      if (attention) return `${attention[1]}.mid.attn_1.${vaeAttentionParts[attention[2] ?? ""]}.${attention[3]}`
      const renamed = key
        .replace(/^((?:en|de)coder)\.mid_block\.resnets\.(\d+)/, (_, part, i) => `${part}.mid.block_${Number(i) + 1}`)
        .replace(/^encoder\.down_blocks\.(\d+)\.resnets\./, "encoder.down.$1.block.")
        .replace(/^encoder\.down_blocks\.(\d+)\.downsamplers\.0\./, "encoder.down.$1.downsample.")
        .replace(/^decoder\.up_blocks\.(\d+)\.resnets\./, (_, i) => `decoder.up.${levels - 1 - Number(i)}.block.`)
        .replace(
          /^decoder\.up_blocks\.(\d+)\.upsamplers\.0\./,
          (_, i) => `decoder.up.${levels - 1 - Number(i)}.upsample.`,
        )
        .replace(/\bconv_shortcut\b/, "nin_shortcut")
        .replace(/\bconv_norm_out\b/, "norm_out")
      return /^(en|de)coder\.|^(post_)?quant_conv\./.test(renamed) ? renamed : undefined
    },
    "VAE",
  )
}

/** Whether a VAE key of a single file is a projection that is stored as a 1×1 convolution. */
export function isVaeProjection(original: string): boolean {
  return /\.mid\.attn_1\.(q|k|v|proj_out)\.weight$/.test(original)
}

const openClipFixed: Readonly<Record<string, string>> = {
  "text_model.embeddings.token_embedding.weight": "token_embedding.weight",
  "text_model.embeddings.position_embedding.weight": "positional_embedding",
  "text_model.final_layer_norm.weight": "ln_final.weight",
  "text_model.final_layer_norm.bias": "ln_final.bias",
  // Stored the other way round: [in, out] there.
  "text_projection.weight": "text_projection",
}

const openClipParts: Readonly<Record<string, string>> = {
  layer_norm1: "ln_1",
  layer_norm2: "ln_2",
  "mlp.fc1": "mlp.c_fc",
  "mlp.fc2": "mlp.c_proj",
  "self_attn.out_proj": "attn.out_proj",
}

/**
 * Names of OpenCLIP's text encoder (SD 2.x, and SDXL's second). The three projections of attention share one name: they
 * are one tensor there, q over k over v.
 */
export function openClipOriginalNames(keys: readonly string[]): OriginalNames {
  return named(
    keys,
    (key) => {
      const fixed = openClipFixed[key]
      if (fixed !== undefined) return fixed
      const [, layer, part = "", kind] = /^text_model\.encoder\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(key) ?? []
      if (layer === undefined) return undefined
      if (/^self_attn\.[qkv]_proj$/.test(part)) return `transformer.resblocks.${layer}.attn.in_proj_${kind}`
      const original = openClipParts[part]
      return original && `transformer.resblocks.${layer}.${original}.${kind}`
    },
    "text encoder",
  )
}

/** 0, 1 or 2 for the part of `in_proj` that a key of transformers is; undefined for other keys. */
export function packedPart(key: string): number | undefined {
  const index = ["q", "k", "v"].indexOf(/\.self_attn\.([qkv])_proj\.(weight|bias)$/.exec(key)?.[1] ?? "")
  return index < 0 ? undefined : index
}

function named(keys: readonly string[], nameOf: (key: string) => string | undefined, what: string): OriginalNames {
  return new Map(
    keys.map((key) => {
      const name = nameOf(key)
      if (name !== undefined) return [key, name] as const
      throw new Error(`${key} is no weight of a Stable Diffusion ${what}, so a single file has no place for it.`)
    }),
  )
}
