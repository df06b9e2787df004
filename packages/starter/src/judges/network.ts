/**
 * The judge: one small convolutional network that tells from a picture what it shows, and turns the subject into a point
 * on a sphere, where pictures of one subject lie close together.
 */

import { Graph, type Tensor } from "@fjord/engine"
import { backgrounds, colourNames, objectClasses, patterns, times } from "../world/vocabulary.ts"

/** Pixels a side of what the judge looks at; pictures are scaled to it. */
export const judgeSize = 64
export const embeddingSize = 48

/** What it says of a picture, in the order of its outputs. */
export const heads = {
  background: backgrounds,
  time: times,
  class: objectClasses,
  colour: colourNames,
  pattern: patterns,
} as const
export type Head = keyof typeof heads

/** Where each head's scores begin, and the embedding after them. */
export const offsets: Readonly<Record<Head | "embedding", number>> = {
  background: 0,
  time: backgrounds.length,
  class: backgrounds.length + times.length,
  colour: backgrounds.length + times.length + objectClasses.length,
  pattern: backgrounds.length + times.length + objectClasses.length + colourNames.length,
  embedding: backgrounds.length + times.length + objectClasses.length + colourNames.length + patterns.length,
}
export const outputSize = offsets.embedding + embeddingSize

const layers = [
  { out: 24, stride: 2 },
  { out: 48, stride: 1 },
  { out: 48, stride: 2 },
  { out: 96, stride: 1 },
  { out: 96, stride: 2 },
  { out: 160, stride: 1 },
  { out: 160, stride: 1 },
] as const
/** Places the network chooses to look at, beside the mean of all. */
const glances = 6
export const hiddenSize = 160

/** "pixels" [rows, 3, 64, 64] in -1..1 → scores and embedding (before normalising) [rows, outputSize]. */
export function judgeGraph(rows: number): {
  readonly graph: Graph
  readonly output: Tensor
  /** What the scores are made of, [rows, hiddenSize]: what two sets of pictures are compared by. */
  readonly hidden: Tensor
} {
  const graph = new Graph()
  let x = graph.input("pixels", [rows, 3, judgeSize, judgeSize])
  let channels = 3
  for (const [i, { out, stride }] of layers.entries()) {
    const name = `layers.${i}`
    const weight = graph.parameter(`${name}.conv.weight`, [out, channels, 3, 3])
    const padding = { top: 1, left: 1, bottom: 1, right: 1 }
    const scale = graph.parameter(`${name}.norm.weight`, [out])
    x = graph.conv2d(x, weight, undefined, { stride, padding })
    x = graph.silu(graph.groupNorm(x, scale, graph.parameter(`${name}.norm.bias`, [out]), 8, 1e-5))
    channels = out
  }
  const places = (judgeSize / 8) ** 2
  const features = graph.transpose(graph.reshape(x, [rows, channels, places]), [0, 2, 1])
  const keys = linear(graph, "glance.key", features, channels)
  const queries = graph.expand(graph.parameter("glance.query", [1, glances, channels]), [rows, glances, channels])
  const seen = graph.attention(queries, keys, features, { heads: 1, scale: channels ** -0.5, causal: false })
  const mean = graph.reduceMean(features, [1])
  const all = graph.concat([graph.reshape(seen, [rows, glances * channels]), mean], 1)
  const hidden = graph.silu(linear(graph, "hidden", all, hiddenSize))
  return { graph, output: linear(graph, "heads", graph.concat([all, hidden], 1), outputSize), hidden }
}

function linear(graph: Graph, name: string, x: Tensor, out: number): Tensor {
  const channels = x.shape.at(-1) ?? 0
  const weight = graph.parameter(`${name}.weight`, [out, channels])
  return graph.linear(x, weight, graph.parameter(`${name}.bias`, [out]))
}

/** Names and shapes of the weights. */
export function judgeParameters(): Map<string, readonly number[]> {
  const { graph } = judgeGraph(1)
  return new Map(
    graph.tensors.flatMap((tensor) =>
      tensor.operator === "Parameter" ? [[tensor.attributes.name, tensor.shape]] : [],
    ),
  )
}
