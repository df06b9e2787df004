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
  const add = (x: Tensor, part: Tensor) => {
    if (!dependent.has(x)) return
    const sofar = gradientOf.get(x)
    const own = sumTo(graph, part, x.shape)
    gradientOf.set(x, sofar ? graph.add(sofar, own) : own)
  }
  const send = (node: Tensor, dy: Tensor) => {
    const rule = gradients[node.operator] as GradientRule<Operator>
    const parts = rule(dy, node as TensorOf<Operator>, graph)
    for (const [i, x] of node.inputs.entries()) if (parts[i]) add(x, parts[i])
  }
  const tilings = findTilings(forward.filter((node) => dependent.has(node)))
  for (const node of forward.reverse()) {
    const dy = gradientOf.get(node)
    const tiling = tilings.get(node)
    if (tiling) {
      // All tiles are complete when the first one is reached.
      if (node.id > Math.min(...tiling.tiles.map(({ id }) => id))) continue
      const parts = tiling.tiles.flatMap((tile) => gradientOf.get(tile) ?? [])
      graph.block(blockOf(node), () => {
        if (parts.length === tiling.tiles.length) add(tiling.whole, graph.concat(parts, tiling.axis))
        else for (const tile of tiling.tiles) if (gradientOf.has(tile)) send(tile, gradientOf.get(tile) as Tensor)
      })
    } else if (dy && dependent.has(node) && node.inputs.length > 0) graph.block(blockOf(node), () => send(node, dy))
  }
  return new Map(wrt.flatMap((x) => (gradientOf.has(x) ? [[x, gradientOf.get(x) as Tensor]] : [])))
}

interface Tiling {
  readonly whole: Tensor
  readonly axis: number
  /** By where they start. */
  readonly tiles: readonly Tensor[]
}

/** Slices of one block that cut a value into parts without gap or overlap: its gradient is theirs, side by side. */
function findTilings(nodes: readonly Tensor[]): ReadonlyMap<Tensor, Tiling> {
  const groups = new Map<string, TensorOf<"Slice">[]>()
  for (const node of nodes) {
    if (node.operator !== "Slice") continue
    const key = `${node.inputs[0]?.id} ${node.attributes.axis} ${node.block}`
    groups.set(key, [...(groups.get(key) ?? []), node])
  }
  const tilings = new Map<Tensor, Tiling>()
  for (const slices of groups.values()) {
    const tiles = slices.toSorted((a, b) => a.attributes.start - b.attributes.start)
    const [first] = tiles
    const whole = first?.inputs[0]
    if (!first || !whole || tiles.length < 2) continue
    const { axis } = first.attributes
    const ends = [0, ...tiles.map(({ attributes }) => attributes.end)]
    if (tiles.some(({ attributes }, i) => attributes.start !== ends[i]) || ends.at(-1) !== whole.shape[axis]) continue
    for (const tile of tiles) tilings.set(tile, { whole, axis, tiles })
  }
  return tilings
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
