/** Convolution and its two gradients on the CPU provider. Which formulation wins depends on kernel, stride and size; measured. */

import type { Shape, TensorOf } from "../graph/graph.ts"
import { size } from "../graph/shapes.ts"
import type { OnnxModel, OnnxValue } from "../onnx/onnxModel.ts"
import type { LoweringContext } from "./lowering.ts"

/** From this many pixels on, the input gradient is faster as a convolution with flipped weights than as ConvTranspose. */
const flippedFrom = 1024
/** Largest im2col matrix that is built whole (elements); beyond it the taps are multiplied one by one. */
const im2colAtMost = 100_000_000

export function lowerConv2d(
  { onnx, inputs, inputShapes }: LoweringContext,
  { attributes: { stride, padding } }: TensorOf<"Conv2d">,
): OnnxValue {
  const [, , kh = 1, kw = 1] = inputShapes[1] ?? []
  return onnx.node("Conv", inputs, {
    kernel_shape: [kh, kw],
    strides: [stride, stride],
    pads: [padding.top, padding.left, padding.bottom, padding.right],
  })
}

export function lowerConv2dInputGradient(
  { onnx, inputs: [dy = "", weight = ""], inputShapes, shape }: LoweringContext,
  { attributes: { stride, padding } }: TensorOf<"Conv2dInputGradient">,
): OnnxValue {
  const [b = 0, out = 0, oh = 0, ow = 0] = inputShapes[0] ?? []
  const [, into = 0, kh = 1, kw = 1] = inputShapes[1] ?? []
  const [, , height = 0, width = 0] = shape
  const unpadded = padding.top + padding.left + padding.bottom + padding.right === 0
  if (kh === 1 && kw === 1 && stride === 1 && unpadded) {
    const matrix = onnx.node("Reshape", [weight, onnx.ints([out, into])])
    const pixels = onnx.node("Reshape", [dy, onnx.ints([b, out, oh * ow])])
    const product = onnx.node("com.microsoft.FusedMatMul", [matrix, pixels], { transA: 1 })
    return onnx.node("Reshape", [product, onnx.ints(shape)])
  }
  if (stride === 1 && height * width >= flippedFrom) {
    const flipped = onnx.node("Slice", [
      weight,
      onnx.ints([-1, -1]),
      onnx.ints([-kh - 1, -kw - 1]),
      onnx.ints([2, 3]),
      onnx.ints([-1, -1]),
    ])
    return onnx.node("Conv", [dy, onnx.node("Transpose", [flipped], { perm: [1, 0, 2, 3] })], {
      kernel_shape: [kh, kw],
      pads: [kh - 1 - padding.top, kw - 1 - padding.left, kh - 1 - padding.bottom, kw - 1 - padding.right],
    })
  }
  return onnx.node("ConvTranspose", [dy, weight], {
    kernel_shape: [kh, kw],
    strides: [stride, stride],
    pads: [padding.top, padding.left, padding.bottom, padding.right],
    // Pixels at the far edge that the stride stepped over get no gradient.
    output_padding: [
      height - ((oh - 1) * stride + kh - padding.top - padding.bottom),
      width - ((ow - 1) * stride + kw - padding.left - padding.right),
    ],
  })
}

/** dW[o, c, i, j] = Σ dy[b, o, y, x] · xPadded[b, c, stride·y + i, stride·x + j]: a matrix product per tap, or one over all taps. */
export function lowerConv2dWeightGradient(
  { onnx, inputs: [dy = "", x = ""], inputShapes, shape }: LoweringContext,
  { attributes: { stride, padding } }: TensorOf<"Conv2dWeightGradient">,
): OnnxValue {
  const [b = 0, out = 0, oh = 0, ow = 0] = inputShapes[0] ?? []
  const [, into = 0, kh = 1, kw = 1] = shape
  const { top, left, bottom, right } = padding
  const padded =
    top + left + bottom + right > 0 ? onnx.node("Pad", [x, onnx.ints([0, 0, top, left, 0, 0, bottom, right])]) : x
  const pixels = onnx.node("Reshape", [dy, onnx.ints([b, out, oh * ow])])
  const taps: OnnxValue[] = []
  for (let i = 0; i < kh; i++) for (let j = 0; j < kw; j++) taps.push(tap(onnx, padded, i, j, [oh, ow], stride))
  const product = (columns: OnnxValue, count: number): OnnxValue => {
    const matrix = onnx.node("Reshape", [columns, onnx.ints([b, count * into, oh * ow])])
    const perImage = onnx.node("com.microsoft.FusedMatMul", [pixels, matrix], { transB: 1 })
    return onnx.node("ReduceSum", [perImage, onnx.ints([0])], { keepdims: 0 }) // [out, count · into]
  }
  if (kh * kw === 1) return onnx.node("Reshape", [product(taps[0] as OnnxValue, 1), onnx.ints(shape)])
  const whole = size([b, kh, kw, into, oh, ow]) <= im2colAtMost
  const gradient = whole
    ? product(onnx.node("Concat", taps, { axis: 1 }), kh * kw)
    : onnx.node(
        "Concat",
        taps.map((columns) => product(columns, 1)),
        { axis: 1 },
      )
  return taps2last(onnx, gradient, [out, kh * kw, into], shape)
}

/** The input pixels that kernel position (i, j) meets: [b, c, oh, ow]. */
function tap(onnx: OnnxModel, padded: OnnxValue, i: number, j: number, [oh, ow]: [number, number], stride: number) {
  return onnx.node("Slice", [
    padded,
    onnx.ints([i, j]),
    onnx.ints([i + (oh - 1) * stride + 1, j + (ow - 1) * stride + 1]),
    onnx.ints([2, 3]),
    onnx.ints([stride, stride]),
  ])
}

/** [out, taps, in] → [out, in, kh, kw]. */
function taps2last(onnx: OnnxModel, gradient: OnnxValue, split: Shape, shape: Shape): OnnxValue {
  const parts = onnx.node("Reshape", [gradient, onnx.ints(split)])
  return onnx.node("Reshape", [onnx.node("Transpose", [parts], { perm: [0, 2, 1] }), onnx.ints(shape)])
}
