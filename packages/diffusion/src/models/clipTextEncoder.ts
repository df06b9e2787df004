/** CLIP's text encoder; transformers/models/clip/modeling_clip.py, `CLIPTextModel` (keys with the `text_model.` prefix). */

import type { Tensor } from "@fjord/engine"
import { z } from "zod"
import { activation, axisSize, layerNorm, linear } from "./layers.ts"
import type { Params } from "./params.ts"

/** text_encoder/config.json; foreign keys are ignored. */
export const clipTextConfigSchema = z.object({
  architectures: z.array(z.string()).nullish(),
  vocab_size: z.int().positive().default(49408),
  hidden_size: z.int().positive().default(512),
  intermediate_size: z.int().positive().default(2048),
  projection_dim: z.int().positive().default(512),
  num_hidden_layers: z.int().positive().default(12),
  num_attention_heads: z.int().positive().default(8),
  max_position_embeddings: z.int().positive().default(77),
  hidden_act: z.enum(["quick_gelu", "gelu"]).default("quick_gelu"),
  layer_norm_eps: z.number().positive().default(1e-5),
  eos_token_id: z.int().default(49407),
})

export type ClipTextConfig = z.infer<typeof clipTextConfigSchema>

export interface ClipTextOutput {
  /** [batch, tokens, hidden_size], after the final LayerNorm: what Stable Diffusion 1.x and 2.x condition on. */
  readonly lastHiddenState: Tensor
  /** The embeddings, then the output of each layer; the last one is before the final LayerNorm. */
  readonly hiddenStates: readonly Tensor[]
  /**
   * Every token's projection [batch, tokens, projection_dim], in models with one (`CLIPTextModelWithProjection`):
   * the row at `pooledIndex` is what transformers calls text_embeds.
   */
  readonly projected?: Tensor
}

/** ids int64 [batch, tokens], tokens ≤ max_position_embeddings. */
export function clipTextEncoder(params: Params, ids: Tensor, config: ClipTextConfig): ClipTextOutput {
  const { graph } = params
  const text = params.at("text_model")
  const width = config.hidden_size
  const tokens = axisSize(ids, 1)
  if (tokens > config.max_position_embeddings)
    throw new Error(
      `The text encoder takes at most ${config.max_position_embeddings} tokens, but the tokenizer gives ${tokens}: do ` +
        "text_encoder and tokenizer belong together?",
    )

  const embeddings = text.at("embeddings")
  let hidden = embeddings.block(() => {
    const words = graph.gather(embeddings.get("token_embedding.weight", [config.vocab_size, width]), ids)
    const positions = embeddings.get("position_embedding.weight", [config.max_position_embeddings, width])
    return embeddings.name(graph.add(words, graph.slice(positions, 0, 0, tokens)))
  })
  const hiddenStates = [hidden]
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    hidden = encoderLayer(text.at("encoder", "layers", layer), hidden, config)
    hiddenStates.push(hidden)
  }
  return text.at("final_layer_norm").block(() => {
    const lastHiddenState = layerNorm(text.at("final_layer_norm"), hidden, config.layer_norm_eps)
    if (!config.architectures?.includes("CLIPTextModelWithProjection")) return { lastHiddenState, hiddenStates }
    const projected = linear(params.at("text_projection"), lastHiddenState, config.projection_dim, { bias: false })
    return { lastHiddenState, hiddenStates, projected }
  })
}

function encoderLayer(params: Params, x: Tensor, config: ClipTextConfig): Tensor {
  const { graph } = params
  return params.block(() => {
    const normalised = layerNorm(params.at("layer_norm1"), x, config.layer_norm_eps)
    const attended = graph.add(x, selfAttention(params.at("self_attn"), normalised, config.num_attention_heads))
    const mlp = params.at("mlp")
    const inner = linear(
      mlp.at("fc1"),
      layerNorm(params.at("layer_norm2"), attended, config.layer_norm_eps),
      config.intermediate_size,
    )
    const outer = mlp.name(linear(mlp.at("fc2"), activation(graph, config.hidden_act, inner), config.hidden_size))
    return params.name(graph.add(attended, outer))
  })
}

function selfAttention(params: Params, x: Tensor, heads: number): Tensor {
  const width = axisSize(x, -1)
  if (width % heads !== 0)
    throw new Error(`${params.module}: ${width} channels cannot be split into ${heads} attention heads.`)
  const q = linear(params.at("q_proj"), x, width)
  const k = linear(params.at("k_proj"), x, width)
  const v = linear(params.at("v_proj"), x, width)
  const y = params.graph.attention(q, k, v, { heads, scale: 1 / Math.sqrt(width / heads), causal: true })
  return params.name(linear(params.at("out_proj"), y, width))
}

/** Position of the token whose state stands for the whole prompt; `ids` is one row. */
export function pooledIndex(ids: ArrayLike<number | bigint>, config: Pick<ClipTextConfig, "eos_token_id">): number {
  const row = Array.from(ids, Number)
  // Configurations made before transformers 4.30 say 2 whatever the vocabulary; the end token is then the largest id.
  if (config.eos_token_id === 2) return row.indexOf(row.reduce((largest, id) => Math.max(largest, id), 0))
  return Math.max(0, row.indexOf(config.eos_token_id))
}
