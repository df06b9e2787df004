/** How ONNX Runtime's CPU provider computes each operator fastest; formulations measured one against the other. */

import { size } from "../graph/shapes.ts"
import { lowerAttention, lowerAttentionGradient } from "./attention.ts"
import { lowerConv2d, lowerConv2dInputGradient, lowerConv2dWeightGradient } from "./convolution.ts"
import type { LoweringContext, LoweringTable } from "./lowering.ts"
import { lowerGroupNorm, lowerInputGradient, lowerScaleGradient } from "./normalisation.ts"
import { lowerUpsampleNearest, lowerUpsampleNearestGradient } from "./upsample.ts"

const onnxType = { float32: 1, int64: 7, float16: 10, bfloat16: 16 } as const

export const cpuLowerings: LoweringTable = {
  Add: plain("Add"),
  Sub: plain("Sub"),
  Mul: plain("Mul"),
  Div: plain("Div"),
  Exp: plain("Exp"),
  Sin: plain("Sin"),
  Cos: plain("Cos"),
  Clip: ({ onnx, inputs }, { attributes: { min, max } }) =>
    onnx.node("Clip", [first(inputs), onnx.scalar(min), onnx.scalar(max)]),
  // ONNX Runtime fuses x * sigmoid(x) into one pass.
  SiLU: ({ onnx, inputs: [x = ""] }) => onnx.node("Mul", [x, onnx.node("Sigmoid", [x])]),
  GELU: plain("Gelu"),
  QuickGELU: ({ onnx, inputs: [x = ""] }) => onnx.node("com.microsoft.QuickGelu", [x], { alpha: { float: 1.702 } }),
  Cast: ({ onnx, inputs }, { attributes: { to } }) => onnx.node("Cast", inputs, { to: onnxType[to] }),
  Reshape: ({ onnx, inputs, shape }) => reshape({ onnx }, first(inputs), shape),
  Transpose: ({ onnx, inputs }, { attributes: { permutation } }) =>
    onnx.node("Transpose", inputs, { perm: permutation }),
  Concat: ({ onnx, inputs }, { attributes: { axis } }) => onnx.node("Concat", inputs, { axis }),
  Slice: ({ onnx, inputs }, { attributes: { axis, start, end } }) =>
    onnx.node("Slice", [first(inputs), onnx.ints([start]), onnx.ints([end]), onnx.ints([axis])]),
  Expand: ({ onnx, inputs, shape }) => onnx.node("Expand", [first(inputs), onnx.ints(shape)]),
  UpsampleNearest2x: ({ onnx, inputs: [x = ""], inputShapes: [from = []] }) => {
    const [b = 0, c = 0, h = 0, w = 0] = from
    const thin = reshape({ onnx }, x, [b, c, h, 1, w, 1])
    return reshape({ onnx }, onnx.node("Expand", [thin, onnx.ints([b, c, h, 2, w, 2])]), [b, c, 2 * h, 2 * w])
  },
  UpsampleNearest2xGradient: ({ onnx, inputs: [dy = ""], shape: [b = 0, c = 0, h = 0, w = 0] }) =>
    onnx.node("ReduceSum", [reshape({ onnx }, dy, [b, c, h, 2, w, 2]), onnx.ints([3, 5])], { keepdims: 0 }),
  UpsampleNearest: lowerUpsampleNearest,
  UpsampleNearestGradient: lowerUpsampleNearestGradient,
  Gather: ({ onnx, inputs }) => onnx.node("Gather", inputs, { axis: 0 }),
  GatherGradient: ({ onnx, inputs: [dy = "", ids = ""], shape: [rows = 0, channels = 0] }) => {
    const zeros = onnx.node("Expand", [onnx.scalar(0), onnx.ints([rows, channels])])
    const updates = reshape({ onnx }, dy, [-1, channels])
    return onnx.node("ScatterND", [zeros, reshape({ onnx }, ids, [-1, 1]), updates], { reduction: "add" })
  },
  ReduceSum: reduce("ReduceSum"),
  ReduceMean: reduce("ReduceMean"),
  Linear: ({ onnx, inputs: [x = "", ...weights], inputShapes, shape }) => {
    const product = onnx.node("Gemm", [rows({ onnx }, x, inputShapes[0]), ...weights], { transB: 1 })
    return reshape({ onnx }, product, shape)
  },
  LinearInputGradient: ({ onnx, inputs: [dy = "", weight = ""], inputShapes, shape }) =>
    reshape({ onnx }, onnx.node("Gemm", [rows({ onnx }, dy, inputShapes[0]), weight]), shape),
  LinearWeightGradient: ({ onnx, inputs: [dy = "", x = ""], inputShapes }) =>
    onnx.node("Gemm", [rows({ onnx }, dy, inputShapes[0]), rows({ onnx }, x, inputShapes[1])], { transA: 1 }),
  Conv2d: lowerConv2d,
  Conv2dInputGradient: lowerConv2dInputGradient,
  Conv2dWeightGradient: lowerConv2dWeightGradient,
  GroupNorm: lowerGroupNorm,
  GroupNormInputGradient: (context, { attributes: { groups, epsilon } }) => {
    const [b = 0, c = 0] = context.shape
    const spatial = context.shape.slice(2)
    const scale = reshape(context, context.inputs[2] as string, [1, c, ...spatial.map(() => 1)])
    return lowerInputGradient(context, [b * groups, size(context.shape) / (b * groups)], scale, epsilon)
  },
  GroupNormScaleGradient: (context, { attributes: { groups, epsilon } }) => {
    const [b = 0, ...rest] = context.inputShapes[1] ?? []
    const axes = [
      0,
      ...rest
        .keys()
        .drop(1)
        .map((axis) => axis + 1),
    ]
    return lowerScaleGradient(context, [b * groups, size(rest) / groups], axes, epsilon)
  },
  LayerNorm: ({ onnx, inputs }, { attributes: { epsilon } }) =>
    onnx.node("LayerNormalization", inputs, { axis: -1, epsilon: { float: epsilon } }),
  LayerNormInputGradient: (context, { attributes: { epsilon } }) => {
    const width = context.shape.at(-1) ?? 1
    return lowerInputGradient(context, [size(context.shape) / width, width], context.inputs[2] as string, epsilon)
  },
  LayerNormScaleGradient: (context, { attributes: { epsilon } }) => {
    const shape = context.inputShapes[1] ?? []
    const width = shape.at(-1) ?? 1
    return lowerScaleGradient(context, [size(shape) / width, width], shape.slice(0, -1).keys().toArray(), epsilon)
  },
  Attention: lowerAttention,
  AttentionQueryGradient: (context, { attributes }) => lowerAttentionGradient(context, attributes, "query"),
  AttentionKeyGradient: (context, { attributes }) => lowerAttentionGradient(context, attributes, "key"),
  AttentionValueGradient: (context, { attributes }) => lowerAttentionGradient(context, attributes, "value"),
  // d silu = s (1 + x (1 - s)), s = sigmoid(x)
  SiLUGradient: ({ onnx, inputs: [dy = "", x = ""] }) => {
    const s = onnx.node("Sigmoid", [x])
    const one = onnx.scalar(1)
    const inner = onnx.node("Add", [one, onnx.node("Mul", [x, onnx.node("Sub", [one, s])])])
    return onnx.node("Mul", [dy, onnx.node("Mul", [s, inner])])
  },
  // d gelu = ½ (1 + erf(x/√2)) + x exp(-x²/2) / √(2π)
  GELUGradient: ({ onnx, inputs: [dy = "", x = ""] }) => {
    const erf = onnx.node("Erf", [onnx.node("Mul", [x, onnx.scalar(Math.SQRT1_2)])])
    const cdf = onnx.node("Mul", [onnx.scalar(0.5), onnx.node("Add", [onnx.scalar(1), erf])])
    const square = onnx.node("Mul", [onnx.node("Mul", [x, x]), onnx.scalar(-0.5)])
    const density = onnx.node("Mul", [onnx.node("Exp", [square]), onnx.scalar(1 / Math.sqrt(2 * Math.PI))])
    return onnx.node("Mul", [dy, onnx.node("Add", [cdf, onnx.node("Mul", [x, density])])])
  },
  // d quickGelu = s + 1.702 x s (1 - s), s = sigmoid(1.702 x)
  QuickGELUGradient: ({ onnx, inputs: [dy = "", x = ""] }) => {
    const z = onnx.node("Mul", [x, onnx.scalar(1.702)])
    const s = onnx.node("Sigmoid", [z])
    const slope = onnx.node("Mul", [onnx.node("Mul", [z, s]), onnx.node("Sub", [onnx.scalar(1), s])])
    return onnx.node("Mul", [dy, onnx.node("Add", [s, slope])])
  },
  ClipGradient: ({ onnx, inputs: [dy = "", x = ""] }, { attributes: { min, max } }) => {
    const above = onnx.node("GreaterOrEqual", [x, onnx.scalar(min)])
    const inside = onnx.node("And", [above, onnx.node("LessOrEqual", [x, onnx.scalar(max)])])
    return onnx.node("Where", [inside, dy, onnx.scalar(0)])
  },
}

function plain(operator: string) {
  return ({ onnx, inputs }: LoweringContext) => onnx.node(operator, inputs)
}

function reduce(operator: "ReduceSum" | "ReduceMean") {
  return (
    { onnx, inputs }: LoweringContext,
    { attributes: { axes, keepDims } }: { attributes: { axes: readonly number[]; keepDims: boolean } },
  ) => onnx.node(operator, [first(inputs), onnx.ints(axes)], { keepdims: keepDims ? 1 : 0 })
}

function reshape({ onnx }: Pick<LoweringContext, "onnx">, x: string, shape: readonly number[]): string {
  return onnx.node("Reshape", [x, onnx.ints(shape)])
}

/** [..., n] as a matrix [rows, n]. */
function rows(context: Pick<LoweringContext, "onnx">, x: string, shape: readonly number[] = []): string {
  return shape.length === 2 ? x : reshape(context, x, [-1, shape.at(-1) ?? 1])
}

function first(inputs: readonly string[]): string {
  return inputs[0] as string
}
