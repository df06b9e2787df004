/** Sinusoidal embedding of the timestep and the two layers after it; diffusers/models/embeddings.py. */

import type { Graph, Tensor } from "@fjord/engine"
import { linear } from "./layers.ts"
import type { Params } from "./params.ts"

export interface TimestepsOptions {
  /** Even. */
  readonly channels: number
  /** Cosines first, as in Stable Diffusion. */
  readonly flipSinToCos: boolean
  readonly freqShift: number
}

/** timesteps float32 [n] -> [n, channels]; `get_timestep_embedding`. */
export function timestepEmbedding(graph: Graph, timesteps: Tensor, options: TimestepsOptions): Tensor {
  const { channels, flipSinToCos, freqShift } = options
  if (channels % 2 !== 0) throw new Error(`A timestep embedding needs an even number of channels, got ${channels}.`)
  const half = channels / 2
  const exponent = graph.mul(graph.constant(-Math.log(10000)), range(graph, half))
  const frequencies = graph.exp(graph.div(exponent, graph.constant(half - freqShift)))
  const phases = graph.mul(graph.reshape(timesteps, [...timesteps.shape, 1]), frequencies)
  const waves = [graph.sin(phases), graph.cos(phases)]
  return graph.concat(flipSinToCos ? waves.reverse() : waves, 1)
}

/** `TimestepEmbedding`: [b, any] -> [b, channels]. */
export function timeEmbedding(params: Params, x: Tensor, channels: number): Tensor {
  const hidden = params.graph.silu(linear(params.at("linear_1"), x, channels))
  return params.name(linear(params.at("linear_2"), hidden, channels))
}

/** [0, 1, …, length - 1], doubled up from scalars because these are the graph's only constants. */
function range(graph: Graph, length: number): Tensor {
  let numbers = graph.reshape(graph.constant(0), [1])
  for (let count = 1; count < length; count *= 2)
    numbers = graph.concat([numbers, graph.add(numbers, graph.constant(count))], 0)
  return graph.slice(numbers, 0, 0, length)
}
