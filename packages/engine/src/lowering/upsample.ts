/** Nearest-neighbour resizing to any size (torch.nn.functional.interpolate, mode nearest), for images whose size is no multiple of 64. */

import type { OnnxValue } from "../onnx/onnxModel.ts"
import type { LoweringContext } from "./lowering.ts"

export function lowerUpsampleNearest({ onnx, inputs: [x = ""], inputShapes, shape }: LoweringContext): OnnxValue {
  const [, , fromHeight = 0, fromWidth = 0] = inputShapes[0] ?? []
  const [, , height = 0, width = 0] = shape
  const tall = onnx.node("Gather", [x, onnx.ints(sources(fromHeight, height))], { axis: 2 })
  return onnx.node("Gather", [tall, onnx.ints(sources(fromWidth, width))], { axis: 3 })
}

/** Each source pixel gets the sum over its copies: Rᵀ dy R with 0/1 selection matrices. */
export function lowerUpsampleNearestGradient({
  onnx,
  inputs: [dy = ""],
  inputShapes,
  shape,
}: LoweringContext): OnnxValue {
  const [, , fromHeight = 0, fromWidth = 0] = inputShapes[0] ?? []
  const [, , height = 0, width = 0] = shape
  const rows = onnx.floats(selection(height, fromHeight), [height, fromHeight])
  const columns = onnx.node("Transpose", [onnx.floats(selection(width, fromWidth), [width, fromWidth])], {
    perm: [1, 0],
  })
  return onnx.node("MatMul", [onnx.node("MatMul", [rows, dy]), columns])
}

/** Source index of each target pixel: floor(i · from/to), in float32 as PyTorch computes it. */
function sources(from: number, to: number): number[] {
  const scale = Math.fround(from / to)
  return Array.from({ length: to }, (_, i) => Math.min(Math.floor(Math.fround(i * scale)), from - 1))
}

/** [small, large] matrix with a one where a large pixel is copied from a small one. */
function selection(small: number, large: number): Float32Array {
  const matrix = new Float32Array(small * large)
  for (const [target, source] of sources(small, large).entries()) matrix[source * large + target] = 1
  return matrix
}
