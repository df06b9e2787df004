/** Convolution and its two gradients on the CPU provider. Which formulation wins depends on kernel, stride and size; measured. */

import type { Shape, TensorOf } from "../graph/graph.ts"
import { size } from "../graph/shapes.ts"
import type { OnnxModel, OnnxValue } from "../onnx/onnxModel.ts"
import type { LoweringContext } from "./lowering.ts"

/** From this many pixels on, the input gradient is faster as a convolution than as ConvTranspose. */
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
    // A convolution with flipped weights; flipping both images instead is the same and moves fewer numbers.
    const transposed = onnx.node("Transpose", [weight], { perm: [1, 0, 2, 3] })
    const convolved = onnx.node("Conv", [flipped(onnx, dy), transposed], {
      kernel_shape: [kh, kw],
      pads: [kh - 1 - padding.bottom, kw - 1 - padding.right, kh - 1 - padding.top, kw - 1 - padding.left],
    })
    return flipped(onnx, convolved)
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

/** An image turned by half: [b, c, h, w] with rows and columns in reverse. */
function flipped(onnx: OnnxModel, image: OnnxValue): OnnxValue {
  const all = Number.MIN_SAFE_INTEGER
  return onnx.node("Slice", [image, onnx.ints([-1, -1]), onnx.ints([all, all]), onnx.ints([2, 3]), onnx.ints([-1, -1])])
}

/**
 * dW[o, c, i, j] = Σ dy[b, o, y, x] · xPadded[b, c, stride·y + i, stride·x + j]. Images lie side by side as [channels, b, h, w],
 * so that the sum over images is part of the matrix product.
 */
export function lowerConv2dWeightGradient(
  { onnx, inputs: [dy = "", x = ""], inputShapes, shape }: LoweringContext,
  { attributes: { stride, padding } }: TensorOf<"Conv2dWeightGradient">,
): OnnxValue {
  const [b = 0, out = 0, oh = 0, ow = 0] = inputShapes[0] ?? []
  const [, into = 0, kh = 1, kw = 1] = shape
  const [, , height = 0, width = 0] = inputShapes[1] ?? []
  const { top, left, bottom, right } = padding
  const [dyRows, xRows] = [imagesLast(onnx, dy, inputShapes[0]), imagesLast(onnx, x, inputShapes[1])]
  const product = (a: OnnxValue, rows: number, b: OnnxValue, columns: number) =>
    onnx.node(
      "Gemm",
      [onnx.node("Reshape", [a, onnx.ints([rows, -1])]), onnx.node("Reshape", [b, onnx.ints([columns, -1])])],
      { transB: 1 },
    )
  if (stride === 1 && kh * kw > 1) {
    // Σ over p of dy[p] x[p + (i, j)] = Σ over q of dy[q - (i, 0)] x[q + (0, j)]: kh copies of dy, each moved down, and kw
    // copies of x, each moved left, give every tap, instead of kh · kw copies of x. Fewer copies are joined into one matrix.
    const rows = height + top + bottom
    const downward = Array.from({ length: kh }, (_, i) => moved(onnx, dyRows, [i, 0, rows - oh - i, 0]))
    const sideways = Array.from({ length: kw }, (_, j) =>
      moved(onnx, xRows, [top, left - j, bottom, ow + j - width - left]),
    )
    const [perOut, perInto] = [onnx.ints([kh, out, 1, into]), onnx.ints([1, out, kw, into])]
    const taps =
      out <= into
        ? sideways.map((x) => onnx.node("Reshape", [product(joined(onnx, downward), kh * out, x, into), perOut]))
        : downward.map((dy) => onnx.node("Reshape", [product(dy, out, joined(onnx, sideways), kw * into), perInto]))
    const all = onnx.node("Concat", taps, { axis: out <= into ? 2 : 0 })
    return onnx.node("Transpose", [all], { perm: [1, 3, 0, 2] })
  }
  const padded = top + left + bottom + right > 0 ? moved(onnx, xRows, [top, left, bottom, right]) : xRows
  const taps: OnnxValue[] = []
  for (let i = 0; i < kh; i++) for (let j = 0; j < kw; j++) taps.push(tap(onnx, padded, i, j, [oh, ow], stride))
  if (kh * kw === 1) return onnx.node("Reshape", [product(dyRows, out, taps[0] as OnnxValue, into), onnx.ints(shape)])
  const whole = size([b, kh, kw, into, oh, ow]) <= im2colAtMost
  const gradient = whole
    ? product(dyRows, out, joined(onnx, taps), kh * kw * into)
    : onnx.node(
        "Concat",
        taps.map((columns) => product(dyRows, out, columns, into)),
        { axis: 1 },
      )
  return taps2last(onnx, gradient, [out, kh * kw, into], shape)
}

/** [b, c, h, w] → [c, b, h, w]; for one image the same memory. */
function imagesLast(onnx: OnnxModel, x: OnnxValue, [b = 0, c = 0, h = 0, w = 0]: Shape = []): OnnxValue {
  return b === 1
    ? onnx.node("Reshape", [x, onnx.ints([c, 1, h, w])])
    : onnx.node("Transpose", [x], { perm: [1, 0, 2, 3] })
}

/** Zeros around each image (top, left, bottom, right); a negative number cuts pixels off. */
function moved(onnx: OnnxModel, x: OnnxValue, [top, left, bottom, right]: readonly [number, number, number, number]) {
  return onnx.node("Pad", [x, onnx.ints([0, 0, top, left, 0, 0, bottom, right])])
}

function joined(onnx: OnnxModel, tensors: readonly OnnxValue[]): OnnxValue {
  return onnx.node("Concat", tensors, { axis: 0 })
}

/** The input pixels that kernel position (i, j) meets: [c, b, oh, ow]. */
function tap(onnx: OnnxModel, padded: OnnxValue, i: number, j: number, [oh, ow]: [number, number], stride: number) {
  if (i === 0 && j === 0 && stride === 1) return padded
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
