/** The shape and type of every operator's output; mistakes in a graph are found here, while it is built. */

import type { Shape, Tensor } from "./graph.ts"
import type { Conv2dAttributes, DataType, Operator, OperatorAttributes } from "./operators.ts"

type Inferred = { readonly shape: Shape; readonly dataType: DataType }
type Rule<O extends Operator> = (inputs: readonly Tensor[], attributes: OperatorAttributes[O]) => Shape

/** @throws where the inputs' shapes do not fit the operator, naming operator, block and shapes. */
export function inferShape<O extends Operator>(
  operator: O,
  inputs: readonly Tensor[],
  attributes: OperatorAttributes[O],
): Inferred {
  const rule = rules[operator] as Rule<O>
  const shape = rule(inputs, attributes)
  if (shape.some((size) => !Number.isInteger(size) || size < 0)) throw mismatch(operator, inputs, `gives [${shape}]`)
  const dataType = operator === "Cast" ? (attributes as { to: DataType }).to : (inputs[0]?.dataType ?? "float32")
  return { shape, dataType }
}

const sameAsFirst = (inputs: readonly Tensor[]): Shape => at(inputs, 0).shape
const sameAsSecond = (inputs: readonly Tensor[]): Shape => at(inputs, 1).shape
const channelsOfFirst = ([dy]: readonly Tensor[]): Shape => [dy?.shape[1] ?? 0]
const lastOfFirst = ([dy]: readonly Tensor[]): Shape => [dy?.shape.at(-1) ?? 0]

const rules: { readonly [O in Operator]: Rule<O> } = {
  Input: () => [],
  Parameter: () => [],
  Constant: () => [],
  Add: broadcast("Add"),
  Sub: broadcast("Sub"),
  Mul: broadcast("Mul"),
  Div: broadcast("Div"),
  Exp: sameAsFirst,
  Sin: sameAsFirst,
  Cos: sameAsFirst,
  Clip: sameAsFirst,
  SiLU: sameAsFirst,
  GELU: sameAsFirst,
  QuickGELU: sameAsFirst,
  Cast: sameAsFirst,
  Reshape: (inputs, { shape }) => {
    if (size(shape) !== size(at(inputs, 0).shape)) throw mismatch("Reshape", inputs, `to [${shape}]`)
    return shape
  },
  Transpose: (inputs, { permutation }) => {
    const { shape } = at(inputs, 0)
    if ([...permutation].sort((a, b) => a - b).some((axis, i) => axis !== i) || permutation.length !== shape.length)
      throw mismatch("Transpose", inputs, `by [${permutation}]`)
    return permutation.map((axis) => dim(shape, axis))
  },
  Concat: (inputs, { axis }) => {
    const first = at(inputs, 0).shape
    dim(first, axis)
    const fits = inputs.every(
      ({ shape }) => shape.length === first.length && shape.every((n, i) => i === axis || n === first[i]),
    )
    if (!fits) throw mismatch("Concat", inputs, `along axis ${axis}`)
    return first.map((n, i) => (i === axis ? inputs.reduce((sum, x) => sum + dim(x.shape, axis), 0) : n))
  },
  Slice: (inputs, { axis, start, end }) => {
    const { shape } = at(inputs, 0)
    if (start < 0 || end > dim(shape, axis) || start >= end)
      throw mismatch("Slice", inputs, `axis ${axis} from ${start} to ${end}`)
    return shape.map((n, i) => (i === axis ? end - start : n))
  },
  Expand: (inputs, { shape }) => {
    if (broadcastShape(at(inputs, 0).shape, shape)?.join() !== shape.join())
      throw mismatch("Expand", inputs, `to [${shape}]`)
    return shape
  },
  UpsampleNearest2x: (inputs) => {
    const [b, c, h, w] = imageShape("UpsampleNearest2x", inputs)
    return [b, c, 2 * h, 2 * w]
  },
  UpsampleNearest: (inputs, { height, width }) => {
    const [b, c] = imageShape("UpsampleNearest", inputs)
    return [b, c, height, width]
  },
  Gather: (inputs) => [...at(inputs, 1).shape, dim(at(inputs, 0).shape, 1)],
  ReduceSum: reduce,
  ReduceMean: reduce,
  Linear: (inputs) => {
    const [x, weight, bias] = inputs
    const [out, width] = weight?.shape ?? []
    if (out === undefined || !x || x.shape.at(-1) !== width || (bias && bias.shape.join() !== `${out}`))
      throw mismatch("Linear", inputs, "— x [..., in], weight [out, in], bias [out] wanted")
    return [...x.shape.slice(0, -1), out]
  },
  Conv2d: (inputs, attributes) => {
    const [x, weight, bias] = inputs
    const [b, channels, height, width] = x?.shape ?? []
    const [out, into, kh, kw] = weight?.shape ?? []
    if (b === undefined || channels !== into || out === undefined || (bias && bias.shape.join() !== `${out}`))
      throw mismatch("Conv2d", inputs, "— x [b, in, h, w], weight [out, in, kh, kw], bias [out] wanted")
    return [b, out, ...convolvedSize(height ?? 0, width ?? 0, kh ?? 0, kw ?? 0, attributes)]
  },
  GroupNorm: (inputs, { groups }) => {
    const [x, scale, bias] = inputs
    const channels = x?.shape[1] ?? 0
    if (channels % groups || scale?.shape.join() !== `${channels}` || bias?.shape.join() !== `${channels}`)
      throw mismatch("GroupNorm", inputs, `with ${groups} groups`)
    return at(inputs, 0).shape
  },
  LayerNorm: (inputs) => {
    const [x, scale, bias] = inputs
    const width = `${x?.shape.at(-1)}`
    if (scale?.shape.join() !== width || bias?.shape.join() !== width) throw mismatch("LayerNorm", inputs, "")
    return at(inputs, 0).shape
  },
  Attention: (inputs, { heads }) => {
    const [q, k, v] = inputs.map((x) => x.shape)
    const fits = q?.length === 3 && k?.length === 3 && q[2] === k[2] && k.join() === v?.join()
    if (!fits || (q[2] ?? 0) % heads) throw mismatch("Attention", inputs, `with ${heads} heads`)
    return q
  },
  SiLUGradient: sameAsFirst,
  GELUGradient: sameAsFirst,
  QuickGELUGradient: sameAsFirst,
  ClipGradient: sameAsFirst,
  UpsampleNearest2xGradient: ([dy]) => {
    const [b = 0, c = 0, h = 0, w = 0] = dy?.shape ?? []
    return [b, c, h / 2, w / 2]
  },
  UpsampleNearestGradient: (inputs, { height, width }) => [...at(inputs, 0).shape.slice(0, 2), height, width],
  GatherGradient: ([dy], { rows }) => [rows, dy?.shape.at(-1) ?? 0],
  LinearInputGradient: (inputs) => [...at(inputs, 0).shape.slice(0, -1), dim(at(inputs, 1).shape, 1)],
  LinearWeightGradient: ([dy, x]) => [dy?.shape.at(-1) ?? 0, x?.shape.at(-1) ?? 0],
  Conv2dInputGradient: (_, { inputShape }) => inputShape,
  Conv2dWeightGradient: (_, { weightShape }) => weightShape,
  GroupNormInputGradient: sameAsSecond,
  GroupNormScaleGradient: channelsOfFirst,
  LayerNormInputGradient: sameAsSecond,
  LayerNormScaleGradient: lastOfFirst,
  AttentionQueryGradient: sameAsSecond,
  AttentionKeyGradient: (inputs) => at(inputs, 2).shape,
  AttentionValueGradient: (inputs) => at(inputs, 3).shape,
}

/** Height and width of a convolution's output. */
function convolvedSize(
  height: number,
  width: number,
  kernelHeight: number,
  kernelWidth: number,
  { stride, padding }: Conv2dAttributes,
): [number, number] {
  return [
    Math.floor((height + padding.top + padding.bottom - kernelHeight) / stride) + 1,
    Math.floor((width + padding.left + padding.right - kernelWidth) / stride) + 1,
  ]
}

/** Number of elements. */
export const size = (shape: Shape): number => shape.reduce((product, n) => product * n, 1)

/** Shape of a NumPy broadcast of two shapes, or undefined where they do not fit. */
export function broadcastShape(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length)
  const shape: number[] = []
  for (let i = 0; i < rank; i++) {
    const m = a[a.length - rank + i] ?? 1
    const n = b[b.length - rank + i] ?? 1
    if (m !== n && m !== 1 && n !== 1) return undefined
    shape.push(Math.max(m, n))
  }
  return shape
}

function broadcast(operator: Operator) {
  return (inputs: readonly Tensor[]): Shape => {
    const shape = broadcastShape(at(inputs, 0).shape, at(inputs, 1).shape)
    if (!shape) throw mismatch(operator, inputs, "— the shapes do not broadcast")
    const [a, b] = [at(inputs, 0).dataType, at(inputs, 1).dataType]
    if (a !== b) throw mismatch(operator, inputs, `— one is ${a} and the other ${b}: cast one of them`)
    return shape
  }
}

function reduce(inputs: readonly Tensor[], { axes, keepDims }: { axes: readonly number[]; keepDims: boolean }): Shape {
  const { shape } = at(inputs, 0)
  for (const axis of axes) dim(shape, axis)
  return keepDims
    ? shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
    : shape.filter((_, axis) => !axes.includes(axis))
}

function imageShape(operator: Operator, inputs: readonly Tensor[]): [number, number, number, number] {
  const [b, c, h, w, ...rest] = at(inputs, 0).shape
  if (b === undefined || c === undefined || h === undefined || w === undefined || rest.length > 0)
    throw mismatch(operator, inputs, "— an image [b, c, h, w] is wanted")
  return [b, c, h, w]
}

function at(inputs: readonly Tensor[], index: number): Tensor {
  const input = inputs[index]
  if (!input) throw new Error(`an operator is missing its input ${index}`)
  return input
}

function dim(shape: Shape, axis: number): number {
  const n = shape[axis]
  if (n === undefined) throw new Error(`shape [${shape}] has no axis ${axis}`)
  return n
}

function mismatch(operator: Operator, inputs: readonly Tensor[], detail: string): Error {
  const names = inputs.map((x) => ("name" in x.attributes ? `${x.attributes.name} ` : ""))
  const shapes = inputs.map((x, i) => `${names[i]}[${x.shape}]`).join(" · ")
  return new Error(`${operator} in block "${inputs.at(-1)?.block ?? ""}": shapes ${shapes} do not fit ${detail}`.trim())
}
