/** A program over tensors with static shapes: built by calling operators, differentiated by `backward`, lowered to ONNX. */

import type { AttentionAttributes, Conv2dAttributes, DataType, Operator, OperatorAttributes } from "./operators.ts"
import { inferShape } from "./shapes.ts"

export type Shape = readonly number[]

/** One value of a graph and the operator that makes it. */
export type Tensor = { [O in Operator]: TensorOf<O> }[Operator]

export interface TensorOf<O extends Operator> {
  readonly graph: Graph
  /** Position in `graph.tensors`; inputs always have smaller ids than what they feed. */
  readonly id: number
  readonly operator: O
  readonly inputs: readonly Tensor[]
  readonly attributes: OperatorAttributes[O]
  readonly shape: Shape
  readonly dataType: DataType
  /** The pipeline block that computes it; see `Graph.block`. */
  readonly block: string
}

export class Graph {
  readonly tensors: Tensor[] = []
  /** Values by the name of the module that made them, such as `down_blocks.0.resnets.1`. */
  readonly named = new Map<string, Tensor>()
  readonly #leaves = new Map<string, Tensor>()
  #block = ""

  /** A value fed at run time. Asking twice for one name gives the same tensor. */
  input(name: string, shape: Shape, dataType: DataType = "float32"): Tensor {
    return this.#leaf("Input", name, shape, dataType)
  }

  /** A weight; `name` is its key in the safetensors file. Asking twice for one name gives the same tensor. */
  parameter(name: string, shape: Shape, dataType: DataType = "float32"): Tensor {
    return this.#leaf("Parameter", name, shape, dataType)
  }

  /** A scalar. */
  constant(value: number): Tensor {
    const key = `Constant ${value}`
    let tensor = this.#leaves.get(key)
    if (!tensor) {
      tensor = this.#push("Constant", [], { value }, [], "float32")
      this.#leaves.set(key, tensor)
    }
    return tensor
  }

  /** Everything built inside `build` belongs to one block of the training pipeline: the unit that is saved or recomputed. */
  block<T>(name: string, build: () => T): T {
    const outer = this.#block
    this.#block = name
    try {
      return build()
    } finally {
      this.#block = outer
    }
  }

  /** Records a value under its module's name, so that tests and tools can ask for it, and returns it. */
  name(module: string, tensor: Tensor): Tensor {
    this.named.set(module, tensor)
    return tensor
  }

  /** Applies any operator; the methods below are its readable forms. Shapes are checked here. */
  apply<O extends Operator>(operator: O, inputs: readonly Tensor[], attributes: OperatorAttributes[O]): Tensor {
    const { shape, dataType } = inferShape(operator, inputs, attributes)
    return this.#push(operator, inputs, attributes, shape, dataType)
  }

  add = (a: Tensor, b: Tensor) => this.apply("Add", [a, b], {})
  sub = (a: Tensor, b: Tensor) => this.apply("Sub", [a, b], {})
  mul = (a: Tensor, b: Tensor) => this.apply("Mul", [a, b], {})
  div = (a: Tensor, b: Tensor) => this.apply("Div", [a, b], {})
  exp = (x: Tensor) => this.apply("Exp", [x], {})
  sin = (x: Tensor) => this.apply("Sin", [x], {})
  cos = (x: Tensor) => this.apply("Cos", [x], {})
  clip = (x: Tensor, min: number, max: number) => this.apply("Clip", [x], { min, max })
  silu = (x: Tensor) => this.apply("SiLU", [x], {})
  gelu = (x: Tensor) => this.apply("GELU", [x], {})
  quickGelu = (x: Tensor) => this.apply("QuickGELU", [x], {})
  cast = (x: Tensor, to: DataType) => (x.dataType === to ? x : this.apply("Cast", [x], { to }))
  reshape = (x: Tensor, shape: Shape) => this.apply("Reshape", [x], { shape })
  transpose = (x: Tensor, permutation: readonly number[]) => this.apply("Transpose", [x], { permutation })
  concat = (tensors: readonly Tensor[], axis: number) => this.apply("Concat", tensors, { axis })
  slice = (x: Tensor, axis: number, start: number, end: number) => this.apply("Slice", [x], { axis, start, end })
  expand = (x: Tensor, shape: Shape) => this.apply("Expand", [x], { shape })
  upsampleNearest2x = (x: Tensor) => this.apply("UpsampleNearest2x", [x], {})
  upsampleNearest = (x: Tensor, height: number, width: number) => this.apply("UpsampleNearest", [x], { height, width })
  gather = (table: Tensor, ids: Tensor) => this.apply("Gather", [table, ids], {})
  reduceSum = (x: Tensor, axes: readonly number[], keepDims = false) => this.apply("ReduceSum", [x], { axes, keepDims })
  reduceMean = (x: Tensor, axes: readonly number[], keepDims = false) =>
    this.apply("ReduceMean", [x], { axes, keepDims })
  linear = (x: Tensor, weight: Tensor, bias?: Tensor) =>
    this.apply("Linear", bias ? [x, weight, bias] : [x, weight], {})
  conv2d = (x: Tensor, weight: Tensor, bias: Tensor | undefined, attributes: Conv2dAttributes) =>
    this.apply("Conv2d", bias ? [x, weight, bias] : [x, weight], attributes)
  groupNorm = (x: Tensor, scale: Tensor, bias: Tensor, groups: number, epsilon: number) =>
    this.apply("GroupNorm", [x, scale, bias], { groups, epsilon })
  layerNorm = (x: Tensor, scale: Tensor, bias: Tensor, epsilon: number) =>
    this.apply("LayerNorm", [x, scale, bias], { epsilon })
  attention = (q: Tensor, k: Tensor, v: Tensor, attributes: AttentionAttributes) =>
    this.apply("Attention", [q, k, v], attributes)

  #leaf(operator: "Input" | "Parameter", name: string, shape: Shape, dataType: DataType): Tensor {
    const key = `${operator} ${name}`
    let tensor = this.#leaves.get(key)
    if (!tensor) {
      tensor = this.#push(operator, [], { name }, shape, dataType)
      this.#leaves.set(key, tensor)
    }
    if (tensor.shape.join() !== shape.join())
      throw new Error(`${operator} ${name}: asked for shape [${shape}], but it was declared with [${tensor.shape}]`)
    if (tensor.dataType !== dataType)
      throw new Error(`${operator} ${name}: asked for as ${dataType}, but it was declared as ${tensor.dataType}`)
    return tensor
  }

  #push<O extends Operator>(
    operator: O,
    inputs: readonly Tensor[],
    attributes: OperatorAttributes[O],
    shape: Shape,
    dataType: DataType,
  ): Tensor {
    const tensor = {
      graph: this,
      id: this.tensors.length,
      operator,
      inputs,
      attributes,
      shape,
      dataType,
      block: this.#block,
    } as unknown as Tensor
    this.tensors.push(tensor)
    return tensor
  }
}
