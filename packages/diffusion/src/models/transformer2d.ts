/** Attention over the positions of an image; diffusers/models/transformers/transformer_2d.py, continuous inputs. */

import type { Tensor } from "@fjord/engine"
import { attention, axisSize, conv2d, feedForward, groupNorm, layerNorm, linear } from "./layers.ts"
import type { Params } from "./params.ts"

export interface Transformer2dOptions {
  /** Text states [b, tokens, cross_attention_dim]. */
  readonly context: Tensor
  readonly heads: number
  readonly layers: number
  readonly groups: number
  /** Projections are Linear (SD 2.x, SDXL) instead of 1x1 convolutions (SD 1.x). */
  readonly linearProjection: boolean
  /** The first attention, too, attends to the text instead of the image. */
  readonly onlyCrossAttention: boolean
}

/** `Transformer2DModel`: x [b, c, h, w] -> the same shape. */
export function transformer2d(params: Params, x: Tensor, options: Transformer2dOptions): Tensor {
  const { layers } = options
  let hidden = x
  for (let layer = 0; layer < layers; layer++) {
    const input = hidden
    const layerParams = params.at("transformer_blocks", layer)
    // The unit of the training pipeline is one layer; the projections belong to the first and the last.
    hidden = (layers === 1 ? params : layerParams).block(() => {
      const tokens = layer === 0 ? projectIn(params, input, options) : input
      const output = transformerLayer(layerParams, tokens, options)
      return layer === layers - 1 ? projectOut(params, output, x, options) : output
    })
  }
  return hidden
}

/** [b, c, h, w] -> [b, h * w, c] */
function projectIn(params: Params, x: Tensor, { groups, linearProjection }: Transformer2dOptions): Tensor {
  const channels = axisSize(x, 1)
  const normalised = groupNorm(params.at("norm"), x, groups, 1e-6)
  return linearProjection
    ? linear(params.at("proj_in"), imageToTokens(normalised), channels)
    : imageToTokens(conv2d(params.at("proj_in"), normalised, channels, { kernel: 1 }))
}

/** [b, h * w, c] -> [b, c, h, w], with the residual added */
function projectOut(
  params: Params,
  tokens: Tensor,
  residual: Tensor,
  { linearProjection }: Transformer2dOptions,
): Tensor {
  const channels = axisSize(residual, 1)
  const image = linearProjection
    ? tokensToImage(linear(params.at("proj_out"), tokens, channels), residual)
    : conv2d(params.at("proj_out"), tokensToImage(tokens, residual), channels, { kernel: 1 })
  return params.name(params.graph.add(image, residual))
}

/** `BasicTransformerBlock` with LayerNorm: x [b, n, c] -> the same shape. */
function transformerLayer(params: Params, x: Tensor, options: Transformer2dOptions): Tensor {
  const { context, heads, onlyCrossAttention } = options
  const { graph } = params
  const first = { heads, context: onlyCrossAttention ? context : undefined }
  let hidden = graph.add(attention(params.at("attn1"), layerNorm(params.at("norm1"), x), first), x)
  hidden = graph.add(attention(params.at("attn2"), layerNorm(params.at("norm2"), hidden), { heads, context }), hidden)
  return params.name(graph.add(feedForward(params.at("ff"), layerNorm(params.at("norm3"), hidden)), hidden))
}

/** [b, c, h, w] -> [b, h * w, c] */
export function imageToTokens(image: Tensor): Tensor {
  const [batch, channels, positions] = [axisSize(image, 0), axisSize(image, 1), axisSize(image, 2) * axisSize(image, 3)]
  return image.graph.transpose(image.graph.reshape(image, [batch, channels, positions]), [0, 2, 1])
}

/** [b, h * w, c] -> [b, c, h, w], with the height and width of `like` */
export function tokensToImage(tokens: Tensor, like: Tensor): Tensor {
  const { graph } = tokens
  const shape = [axisSize(tokens, 0), axisSize(tokens, 2), axisSize(like, 2), axisSize(like, 3)]
  return graph.reshape(graph.transpose(tokens, [0, 2, 1]), shape)
}
