/** Layers as PyTorch and diffusers name them. Each takes the Params of its own module and records its output there. */

import type { Conv2dAttributes, Graph, Tensor } from "@fjord/engine"
import type { Adapter, Params } from "./params.ts"

/** Size of one axis. Throws where the tensor has no such axis. */
export function axisSize(x: Tensor, axis: number): number {
  const length = x.shape.at(axis)
  if (length === undefined) throw new Error(`A tensor of shape [${x.shape}] has no axis ${axis}.`)
  return length
}

/** x [..., in] -> [..., out] */
export function linear(params: Params, x: Tensor, out: number, { bias = true } = {}): Tensor {
  const { graph } = params
  const channels = axisSize(x, -1)
  let y = graph.linear(x, params.get("weight", [out, channels]), bias ? params.get("bias", [out]) : undefined)
  for (const adapter of params.adapters) {
    const down = graph.linear(x, params.getAdapter("lora_A", adapter, [adapter.rank, channels]))
    const up = graph.linear(down, params.getAdapter("lora_B", adapter, [out, adapter.rank]))
    y = graph.add(y, scaled(graph, up, adapter))
  }
  return params.name(y)
}

export interface Conv2dOptions {
  readonly kernel?: number
  readonly stride?: number
  readonly padding?: number | Conv2dAttributes["padding"]
}

/** x [b, in, h, w] -> [b, out, h', w']; by default a kernel of 3 that keeps the size. */
export function conv2d(params: Params, x: Tensor, out: number, options: Conv2dOptions = {}): Tensor {
  const { kernel = 3, stride = 1, padding = (kernel - 1) / 2 } = options
  const { graph } = params
  const attributes = { stride, padding: typeof padding === "number" ? everySide(padding) : padding }
  const channels = axisSize(x, 1)
  const weight = params.get("weight", [out, channels, kernel, kernel])
  let y = graph.conv2d(x, weight, params.get("bias", [out]), attributes)
  for (const adapter of params.adapters) {
    const downWeight = params.getAdapter("lora_A", adapter, [adapter.rank, channels, kernel, kernel])
    const upWeight = params.getAdapter("lora_B", adapter, [out, adapter.rank, 1, 1])
    const down = graph.conv2d(x, downWeight, undefined, attributes)
    const up = graph.conv2d(down, upWeight, undefined, { stride: 1, padding: everySide(0) })
    y = graph.add(y, scaled(graph, up, adapter))
  }
  return params.name(y)
}

function everySide(padding: number): Conv2dAttributes["padding"] {
  return { top: padding, left: padding, bottom: padding, right: padding }
}

function scaled(graph: Graph, y: Tensor, { scale }: Adapter): Tensor {
  if (scale === 1) return y
  return graph.mul(y, typeof scale === "string" ? graph.input(scale, []) : graph.constant(scale))
}

/** x [b, c, ...] -> the same shape */
export function groupNorm(params: Params, x: Tensor, groups: number, epsilon: number): Tensor {
  const channels = axisSize(x, 1)
  if (channels % groups !== 0)
    throw new Error(`${params.module}: ${channels} channels cannot be normalised in ${groups} equal groups.`)
  const { graph } = params
  const [scale, bias] = [params.get("weight", [channels]), params.get("bias", [channels])]
  return params.name(graph.groupNorm(x, scale, bias, groups, epsilon))
}

/** x [..., c] -> the same shape */
export function layerNorm(params: Params, x: Tensor, epsilon = 1e-5): Tensor {
  const channels = [axisSize(x, -1)]
  return params.name(params.graph.layerNorm(x, params.get("weight", channels), params.get("bias", channels), epsilon))
}

export interface AttentionOptions {
  readonly heads: number
  /** Tokens to attend to, [b, m, any]; the input itself by default. */
  readonly context?: Tensor | undefined
  /** Whether to_q, to_k and to_v have biases: they do in AutoencoderKL only. */
  readonly bias?: boolean
}

/** x [b, n, c] -> [b, n, c]; diffusers/models/attention_processor.py, `Attention`. */
export function attention(params: Params, x: Tensor, { heads, context = x, bias = false }: AttentionOptions): Tensor {
  const channels = axisSize(x, -1)
  if (channels % heads !== 0)
    throw new Error(`${params.module}: ${channels} channels cannot be split into ${heads} attention heads.`)
  const q = linear(params.at("to_q"), x, channels, { bias })
  const k = linear(params.at("to_k"), context, channels, { bias })
  const v = linear(params.at("to_v"), context, channels, { bias })
  const y = params.graph.attention(q, k, v, { heads, scale: 1 / Math.sqrt(channels / heads), causal: false })
  return params.name(linear(params.at("to_out", 0), y, channels))
}

/** x [b, n, c] -> [b, n, c] through 4c gated channels; diffusers/models/attention.py, `FeedForward` with GEGLU. */
export function feedForward(params: Params, x: Tensor): Tensor {
  const { graph } = params
  const channels = axisSize(x, -1)
  const inner = channels * 4
  const projected = linear(params.at("net", 0, "proj"), x, inner * 2)
  const axis = projected.shape.length - 1
  const values = graph.slice(projected, axis, 0, inner)
  const gate = graph.slice(projected, axis, inner, inner * 2)
  const hidden = params.at("net", 0).name(graph.mul(values, graph.gelu(gate)))
  return params.name(linear(params.at("net", 2), hidden, channels))
}

export type Activation = "silu" | "swish" | "gelu" | "quick_gelu"

export function activation(graph: Graph, name: Activation, x: Tensor): Tensor {
  switch (name) {
    case "silu":
    case "swish":
      return graph.silu(x)
    case "gelu":
      return graph.gelu(x)
    case "quick_gelu":
      return graph.quickGelu(x)
  }
}
