/**
 * THE table of gradients: what each operator sends back to its inputs.
 *
 * A rule gets dy = ∂L/∂y and the node, and returns ∂L/∂input for each input, null where there is none.
 * Broadcasting is undone once, in the driver (`backward`), so a rule may return the gradient in the broadcast shape.
 */

import type { Graph, Tensor, TensorOf } from "../graph/graph.ts"
import type { Operator } from "../graph/operators.ts"

type Gradients = readonly (Tensor | null)[]
export type GradientRule<O extends Operator> = (dy: Tensor, node: TensorOf<O>, graph: Graph) => Gradients

/** Zero by nature: leaves send nothing further. */
const leaf = (): Gradients => []

export const gradients: { readonly [O in Operator]: GradientRule<O> } = {
  Input: leaf,
  Parameter: leaf,
  Constant: leaf,
  Add: (dy) => [dy, dy],
  Sub: (dy, _, g) => [dy, g.mul(dy, g.constant(-1))],
  Mul: (dy, { inputs: [a, b] }, g) => [g.mul(dy, wanted(b)), g.mul(dy, wanted(a))],
  // d(a/b) = da/b - a db/b²
  Div: (dy, { inputs: [a, b] }, g) => {
    const da = g.div(dy, wanted(b))
    return [da, g.mul(g.constant(-1), g.mul(da, g.div(wanted(a), wanted(b))))]
  },
  Exp: (dy, node, g) => [g.mul(dy, node as Tensor)],
  Sin: (dy, { inputs: [x] }, g) => [g.mul(dy, g.cos(wanted(x)))],
  Cos: (dy, { inputs: [x] }, g) => [g.mul(g.constant(-1), g.mul(dy, g.sin(wanted(x))))],
  Clip: (dy, { inputs: [x], attributes }, g) => [g.apply("ClipGradient", [dy, wanted(x)], attributes)],
  SiLU: (dy, { inputs: [x] }, g) => [g.apply("SiLUGradient", [dy, wanted(x)], {})],
  GELU: (dy, { inputs: [x] }, g) => [g.apply("GELUGradient", [dy, wanted(x)], {})],
  QuickGELU: (dy, { inputs: [x] }, g) => [g.apply("QuickGELUGradient", [dy, wanted(x)], {})],
  Cast: (dy, { inputs: [x] }, g) => [g.cast(dy, wanted(x).dataType)],
  Reshape: (dy, { inputs: [x] }, g) => [g.reshape(dy, wanted(x).shape)],
  Transpose: (dy, { attributes: { permutation } }, g) => [
    g.transpose(
      dy,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  Concat: (dy, { inputs, attributes: { axis } }, g) => {
    let start = 0
    return inputs.map((x) => {
      const end = start + (x.shape[axis] ?? 0)
      const part = g.slice(dy, axis, start, end)
      start = end
      return part
    })
  },
  Slice: (dy, { inputs: [x], attributes: { axis, start, end } }, g) => {
    const { shape } = wanted(x)
    const zeros = (length: number) =>
      g.expand(
        g.constant(0),
        shape.map((n, i) => (i === axis ? length : n)),
      )
    const before = start > 0 ? [zeros(start)] : []
    const after = end < (shape[axis] ?? 0) ? [zeros((shape[axis] ?? 0) - end)] : []
    return [g.concat([...before, dy, ...after], axis)]
  },
  Expand: (dy) => [dy],
  UpsampleNearest2x: (dy, _, g) => [g.apply("UpsampleNearest2xGradient", [dy], {})],
  UpsampleNearest: (dy, { inputs: [x] }, g) => {
    const [, , height = 0, width = 0] = wanted(x).shape
    return [g.apply("UpsampleNearestGradient", [dy], { height, width })]
  },
  Gather: (dy, { inputs: [table, ids] }, g) => [
    g.apply("GatherGradient", [dy, wanted(ids)], { rows: wanted(table).shape[0] ?? 0 }),
    null,
  ],
  ReduceSum: (dy, { inputs: [x], attributes: { axes } }, g) => [spread(g, dy, wanted(x), axes)],
  ReduceMean: (dy, { inputs: [x], attributes: { axes } }, g) => {
    const count = axes.reduce((product, axis) => product * (wanted(x).shape[axis] ?? 1), 1)
    return [g.mul(spread(g, dy, wanted(x), axes), g.constant(1 / count))]
  },
  Linear: (dy, { inputs: [x, weight] }, g) => [
    g.apply("LinearInputGradient", [dy, wanted(weight)], {}),
    g.apply("LinearWeightGradient", [dy, wanted(x)], {}),
    g.reduceSum(dy, dy.shape.slice(0, -1).keys().toArray()),
  ],
  Conv2d: (dy, { inputs: [x, weight], attributes }, g) => [
    g.apply("Conv2dInputGradient", [dy, wanted(weight)], { ...attributes, inputShape: wanted(x).shape }),
    g.apply("Conv2dWeightGradient", [dy, wanted(x)], { ...attributes, weightShape: wanted(weight).shape }),
    g.reduceSum(dy, [0, 2, 3]),
  ],
  GroupNorm: (dy, { inputs: [x, scale], attributes }, g) => [
    g.apply("GroupNormInputGradient", [dy, wanted(x), wanted(scale)], attributes),
    g.apply("GroupNormScaleGradient", [dy, wanted(x)], attributes),
    g.reduceSum(dy, [0, ...dy.shape.keys().drop(2)]),
  ],
  LayerNorm: (dy, { inputs: [x, scale], attributes }, g) => [
    g.apply("LayerNormInputGradient", [dy, wanted(x), wanted(scale)], attributes),
    g.apply("LayerNormScaleGradient", [dy, wanted(x)], attributes),
    g.reduceSum(dy, dy.shape.slice(0, -1).keys().toArray()),
  ],
  Attention: (dy, node, g) => {
    const inputs = [dy, ...node.inputs, node as Tensor]
    return [
      g.apply("AttentionQueryGradient", inputs, node.attributes),
      g.apply("AttentionKeyGradient", inputs, node.attributes),
      g.apply("AttentionValueGradient", inputs, node.attributes),
    ]
  },
  SiLUGradient: notDifferentiable("SiLUGradient"),
  GELUGradient: notDifferentiable("GELUGradient"),
  QuickGELUGradient: notDifferentiable("QuickGELUGradient"),
  ClipGradient: notDifferentiable("ClipGradient"),
  UpsampleNearest2xGradient: notDifferentiable("UpsampleNearest2xGradient"),
  UpsampleNearestGradient: notDifferentiable("UpsampleNearestGradient"),
  GatherGradient: notDifferentiable("GatherGradient"),
  LinearInputGradient: notDifferentiable("LinearInputGradient"),
  LinearWeightGradient: notDifferentiable("LinearWeightGradient"),
  Conv2dInputGradient: notDifferentiable("Conv2dInputGradient"),
  Conv2dWeightGradient: notDifferentiable("Conv2dWeightGradient"),
  GroupNormInputGradient: notDifferentiable("GroupNormInputGradient"),
  GroupNormScaleGradient: notDifferentiable("GroupNormScaleGradient"),
  LayerNormInputGradient: notDifferentiable("LayerNormInputGradient"),
  LayerNormScaleGradient: notDifferentiable("LayerNormScaleGradient"),
  AttentionQueryGradient: notDifferentiable("AttentionQueryGradient"),
  AttentionKeyGradient: notDifferentiable("AttentionKeyGradient"),
  AttentionValueGradient: notDifferentiable("AttentionValueGradient"),
}

/** The third answer beside a rule and zero: asking is a mistake, because Fjord needs first derivatives only. */
function notDifferentiable(operator: Operator): () => never {
  return () => {
    throw new Error(
      `${operator} has no gradient: only first derivatives are taken, so a gradient graph cannot be differentiated`,
    )
  }
}

/** Gradient of a sum: dy, repeated along the summed axes. */
function spread(g: Graph, dy: Tensor, x: Tensor, axes: readonly number[]): Tensor {
  const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
  return g.expand(g.reshape(dy, kept), x.shape)
}

function wanted(input: Tensor | undefined): Tensor {
  if (!input) throw new Error("an operator is missing one of its inputs")
  return input
}
