/** The driver of reverse-mode differentiation: walk the graph backwards, look the rule up, add. */

import type { Graph, Shape, Tensor, TensorOf } from "../graph/graph.ts"
import type { Operator } from "../graph/operators.ts"
import { type GradientRule, gradients } from "./gradients.ts"

/**
 * Appends to `graph` what computes ∂L/∂t for every t in `wrt`.
 *
 * @param seeds ∂L/∂y for the outputs y from which to start, of y's shape.
 * @param blockOf the pipeline block in which the gradient of a node is computed; by default ∇ and the node's own block.
 * @returns the gradient of each tensor of `wrt` that the seeds depend on, of the same shape.
 * @throws where an operator on the way has no gradient, saying which.
 */
export function backward(
  graph: Graph,
  seeds: ReadonlyMap<Tensor, Tensor>,
  wrt: readonly Tensor[],
  blockOf: (node: Tensor) => string = (node) => `∇${node.block}`,
): Map<Tensor, Tensor> {
  const last = Math.max(...[...seeds.keys()].map(({ id }) => id))
  const forward = graph.tensors.slice(0, last + 1)
  const dependent = new Set(wrt)
  for (const node of forward) if (node.inputs.some((x) => dependent.has(x))) dependent.add(node)

  const gradientOf = new Map(seeds)
  for (const node of forward.reverse()) {
    const dy = gradientOf.get(node)
    if (!dy || !dependent.has(node) || node.inputs.length === 0) continue
    graph.block(blockOf(node), () => {
      const rule = gradients[node.operator] as GradientRule<Operator>
      const parts = rule(dy, node as TensorOf<Operator>, graph)
      node.inputs.forEach((x, i) => {
        const part = parts[i]
        if (!part || !dependent.has(x)) return
        const sofar = gradientOf.get(x)
        const own = sumTo(graph, part, x.shape)
        gradientOf.set(x, sofar ? graph.add(sofar, own) : own)
      })
    })
  }
  return new Map(wrt.flatMap((x) => (gradientOf.has(x) ? [[x, gradientOf.get(x) as Tensor]] : [])))
}

/** Undoes NumPy broadcasting: sums over the axes along which a value of `shape` was repeated. */
function sumTo(graph: Graph, x: Tensor, shape: Shape): Tensor {
  if (x.shape.join() === shape.join()) return x
  const added = x.shape.length - shape.length
  const axes = x.shape
    .keys()
    .filter((axis) => axis < added || (shape[axis - added] === 1 && x.shape[axis] !== 1))
    .toArray()
  const summed = axes.length > 0 ? graph.reduceSum(x, axes, true) : x
  return graph.reshape(summed, shape)
}
