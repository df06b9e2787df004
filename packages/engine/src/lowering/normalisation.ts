/** GroupNorm (Wu & He 2018) and the backward passes it shares with LayerNorm (Ba et al. 2016), on the CPU provider. */

import type { TensorOf } from "../graph/graph.ts"
import type { OnnxValue } from "../onnx/onnxModel.ts"
import type { LoweringContext } from "./lowering.ts"

/** InstanceNormalization over groups, then the affine map per channel. */
export function lowerGroupNorm(
  { onnx, inputs: [x = "", scale = "", bias = ""], shape }: LoweringContext,
  { attributes: { groups, epsilon } }: TensorOf<"GroupNorm">,
): OnnxValue {
  const [b = 0, c = 0, ...spatial] = shape
  const grouped = onnx.node("Reshape", [x, onnx.ints([b, groups, -1])])
  const ones = onnx.floats(new Float32Array(groups).fill(1), [groups])
  const zeros = onnx.floats(new Float32Array(groups), [groups])
  const normal = onnx.node("InstanceNormalization", [grouped, ones, zeros], { epsilon: { float: epsilon } })
  const perChannel = onnx.ints([1, c, ...spatial.map(() => 1)])
  const scaled = onnx.node("Mul", [
    onnx.node("Reshape", [normal, onnx.ints(shape)]),
    onnx.node("Reshape", [scale, perChannel]),
  ])
  return onnx.node("Add", [scaled, onnx.node("Reshape", [bias, perChannel])])
}

/**
 * dx = inv (g - mean(g) - x̂ mean(g x̂)), g = dy * scale, means over each normalised row.
 * @param matrix [rows, width]: x with one normalised set per row.
 */
export function lowerInputGradient(
  { onnx, inputs: [dy = "", x = ""], shape }: LoweringContext,
  matrix: readonly [number, number],
  scale: OnnxValue,
  epsilon: number,
): OnnxValue {
  const { normal, inverse } = normalise(onnx, x, matrix, epsilon)
  const g = onnx.node("Reshape", [onnx.node("Mul", [dy, scale]), onnx.ints(matrix)])
  const mean = (value: OnnxValue) => onnx.node("ReduceMean", [value, onnx.ints([1])], { keepdims: 1 })
  const projected = onnx.node("Mul", [normal, mean(onnx.node("Mul", [g, normal]))])
  const centred = onnx.node("Sub", [onnx.node("Sub", [g, mean(g)]), projected])
  return onnx.node("Reshape", [onnx.node("Mul", [inverse, centred]), onnx.ints(shape)])
}

/** dscale = Σ dy x̂ over all axes but the scaled one. */
export function lowerScaleGradient(
  { onnx, inputs: [dy = "", x = ""], inputShapes }: LoweringContext,
  matrix: readonly [number, number],
  axes: readonly number[],
  epsilon: number,
): OnnxValue {
  const { normal } = normalise(onnx, x, matrix, epsilon)
  const shaped = onnx.node("Reshape", [normal, onnx.ints(inputShapes[1] ?? [])])
  return onnx.node("ReduceSum", [onnx.node("Mul", [dy, shaped]), onnx.ints(axes)], { keepdims: 0 })
}

/** x̂ and 1/σ of each row, from the three outputs of LayerNormalization. */
function normalise(onnx: LoweringContext["onnx"], x: OnnxValue, matrix: readonly [number, number], epsilon: number) {
  const ones = onnx.node("Expand", [onnx.scalar(1), onnx.ints([matrix[1]])])
  const rows = onnx.node("Reshape", [x, onnx.ints(matrix)])
  const [normal = "", , inverse = ""] = onnx.nodes(
    "LayerNormalization",
    [rows, ones],
    { axis: -1, epsilon: { float: epsilon } },
    3,
  )
  return { normal, inverse }
}
