/** Builds an ONNX model node by node. Equal nodes are merged, so lowerings may ask for one value as often as they like. */

import type { Shape } from "../graph/graph.ts"
import type { DataType } from "../graph/operators.ts"
import { ProtobufWriter } from "./protobuf.ts"

/** ONNX TensorProto.DataType (onnx.proto). */
export const elementType = { float32: 1, int32: 6, int64: 7, float16: 10, bfloat16: 16 } as const satisfies Record<
  DataType | "int32",
  number
>

/** Types of a model's inputs and outputs. */
type InterfaceType = keyof typeof elementType
const opset = 20
const irVersion = 10

export type OnnxValue = string
type Attribute = number | string | readonly number[] | { readonly float: number }

export interface ExternalData {
  /** File name relative to the session's external data folder. */
  readonly location: string
  readonly byteOffset: number
  readonly byteLength: number
}

export class OnnxModel {
  readonly #nodes: Uint8Array[] = []
  readonly #initializers: Uint8Array[] = []
  readonly #inputs: Uint8Array[] = []
  readonly #outputs: Uint8Array[] = []
  readonly #known = new Map<string, OnnxValue[]>()
  /** Values of nodes that are no outputs yet. */
  readonly #inner = new Set<OnnxValue>()
  /** What a Reshape was made of. */
  readonly #reshaped = new Map<OnnxValue, OnnxValue>()

  input(name: OnnxValue, shape: Shape, dataType: InterfaceType): OnnxValue {
    this.#inputs.push(valueInfo(name, shape, dataType))
    return name
  }

  /** Makes a value an output under a name of its own. */
  namedOutput(name: OnnxValue, value: OnnxValue, shape: Shape, dataType: InterfaceType) {
    this.#append("Identity", [value], {}, [name])
    this.#outputs.push(valueInfo(name, shape, dataType))
  }

  /**
   * Makes a value an output without a copy and returns the output's name. Its elements are the value's in their order, its
   * shape may be another.
   */
  output(value: OnnxValue, dataType: DataType): OnnxValue {
    // As an output, a Reshape would copy; inside, it is free.
    const source = this.#reshaped.get(value) ?? value
    let name = [source, value].find((candidate) => this.#inner.delete(candidate))
    if (!name) {
      // An input, a constant, or an output already.
      name = `n${this.#nodes.length}_0`
      this.#append("Identity", [value], {}, [name])
    }
    this.#outputs.push(valueInfo(name, undefined, dataType))
    return name
  }

  /** A weight that stays in its file and is mapped into memory from there. */
  external(
    name: OnnxValue,
    shape: Shape,
    dataType: DataType,
    { location, byteOffset, byteLength }: ExternalData,
  ): OnnxValue {
    const tensor = tensorHeader(name, shape, elementType[dataType])
    for (const [key, value] of Object.entries({ location, offset: `${byteOffset}`, length: `${byteLength}` }))
      tensor.message(13, (entry) => entry.string(1, key).string(2, value))
    this.#initializers.push(tensor.int(14, 1).finish())
    return name
  }

  floats(values: ArrayLike<number>, shape: Shape): OnnxValue {
    const data = Float32Array.from(values)
    return this.#constant(`f ${shape} ${data.length > 64 ? `#${this.#initializers.length}` : data}`, shape, 1, data)
  }

  ints(values: readonly number[], shape: Shape = [values.length]): OnnxValue {
    return this.#constant(`i ${shape} ${values}`, shape, 7, BigInt64Array.from(values, BigInt))
  }

  scalar(value: number): OnnxValue {
    return this.floats([value], [])
  }

  /** Appends a node, or finds the equal one, and returns its first output; see `nodes` for several. */
  node(operator: string, inputs: readonly OnnxValue[], attributes: Record<string, Attribute> = {}): OnnxValue {
    return this.nodes(operator, inputs, attributes, 1)[0] as OnnxValue
  }

  /** `com.microsoft.X` puts operator X in ONNX Runtime's own domain. */
  nodes(
    operator: string,
    inputs: readonly OnnxValue[],
    attributes: Record<string, Attribute>,
    outputCount: number,
  ): OnnxValue[] {
    const key = JSON.stringify([operator, inputs, attributes, outputCount])
    const known = this.#known.get(key)
    if (known) return known
    const outputs = Array.from({ length: outputCount }, (_, i) => `n${this.#nodes.length}_${i}`)
    this.#append(operator, inputs, attributes, outputs)
    this.#known.set(key, outputs)
    for (const output of outputs) this.#inner.add(output)
    if (operator === "Reshape") this.#reshaped.set(outputs[0] as OnnxValue, inputs[0] as OnnxValue)
    return outputs
  }

  #append(
    operator: string,
    inputs: readonly OnnxValue[],
    attributes: Record<string, Attribute>,
    outputs: readonly OnnxValue[],
  ) {
    const [type, domain] =
      operator.split(".").reverse().length > 1 ? [operator.split(".").at(-1), "com.microsoft"] : [operator, ""]
    const node = new ProtobufWriter()
    for (const input of inputs) node.string(1, input)
    for (const output of outputs) node.string(2, output)
    node.string(3, outputs[0] as string).string(4, type as string)
    for (const [name, value] of Object.entries(attributes)) node.message(5, (writer) => attribute(writer, name, value))
    this.#nodes.push(node.string(7, domain).finish())
  }

  finish(): Uint8Array {
    const writer = new ProtobufWriter().int(1, irVersion).string(2, "fjord")
    writer.message(7, (graph) => {
      for (const node of this.#nodes) graph.bytes(1, node)
      graph.string(2, "fjord")
      for (const initializer of this.#initializers) graph.bytes(5, initializer)
      for (const input of this.#inputs) graph.bytes(11, input)
      for (const output of this.#outputs) graph.bytes(12, output)
    })
    writer.message(8, (domain) => domain.string(1, "").int(2, opset))
    return writer.message(8, (domain) => domain.string(1, "com.microsoft").int(2, 1)).finish()
  }

  #constant(key: string, shape: Shape, type: number, data: Float32Array | BigInt64Array): OnnxValue {
    const known = this.#known.get(key)?.[0]
    if (known) return known
    const name = `c${this.#initializers.length}`
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    this.#initializers.push(tensorHeader(name, shape, type).bytes(9, raw).finish())
    this.#known.set(key, [name])
    return name
  }
}

function tensorHeader(name: string, shape: Shape, type: number): ProtobufWriter {
  const tensor = new ProtobufWriter()
  for (const size of shape) tensor.int(1, size)
  return tensor.int(2, type).string(8, name)
}

function valueInfo(name: string, shape: Shape | undefined, dataType: InterfaceType): Uint8Array {
  return new ProtobufWriter()
    .string(1, name)
    .message(2, (type) =>
      type.message(1, (tensor) =>
        shape
          ? tensor.int(1, elementType[dataType]).message(2, (dims) => {
              for (const size of shape) dims.message(1, (dim) => dim.int(1, size))
            })
          : tensor.int(1, elementType[dataType]),
      ),
    )
    .finish()
}

/** AttributeProto: numbers are ints unless wrapped as `{ float }`. */
function attribute(writer: ProtobufWriter, name: string, value: Attribute) {
  writer.string(1, name)
  if (typeof value === "number") writer.int(3, value).int(20, 2)
  else if (typeof value === "string") writer.string(4, value).int(20, 3)
  else if ("float" in value) writer.float(2, value.float).int(20, 1)
  else {
    for (const item of value) writer.int(8, item)
    writer.int(20, 7)
  }
}
