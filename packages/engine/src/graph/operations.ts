/** How much arithmetic a node of a graph is: what its time is planned by, before anything runs. */

import type { Tensor } from "./graph.ts"
import { size } from "./shapes.ts"

const last = (tensor: Tensor | undefined): number => tensor?.shape.at(-1) ?? 1
const product = (shape: readonly number[]): number => shape.reduce((all, n) => all * n, 1)

/**
 * Multiplications and additions of one node. Products of matrices count both; everything else counts each value of its
 * output once. The three gradients of an attention share their probabilities, as their lowering does.
 */
export function operationsOf(tensor: Tensor): number {
  const [first, second] = tensor.inputs
  switch (tensor.operator) {
    case "Linear":
      return 2 * size(tensor.shape) * last(first)
    case "LinearWeightGradient":
      return 2 * size(first?.shape ?? []) * last(second)
    case "LinearInputGradient":
      return 2 * size(first?.shape ?? []) * last(tensor)
    case "Conv2d":
      return 2 * size(tensor.shape) * product(second?.shape.slice(1) ?? [])
    case "Conv2dInputGradient":
      return 2 * size(first?.shape ?? []) * product(second?.shape.slice(1) ?? [])
    case "Conv2dWeightGradient":
      return 2 * size(first?.shape ?? []) * product(tensor.attributes.weightShape.slice(1))
    case "Attention":
      return 2 * attentionProduct(first, second)
    case "AttentionQueryGradient":
    case "AttentionValueGradient":
      return 2 * attentionProduct(tensor.inputs[1], tensor.inputs[2])
    case "AttentionKeyGradient":
      return attentionProduct(tensor.inputs[1], tensor.inputs[2])
    default:
      return size(tensor.shape)
  }
}

/** One product over all pairs of tokens: q [b, n, c], k [b, m, c]. */
function attentionProduct(q: Tensor | undefined, k: Tensor | undefined): number {
  return 2 * size(q?.shape ?? []) * (k?.shape[1] ?? 1)
}
