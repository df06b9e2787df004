/** From a graph to an ONNX model: which values to compute, where the others come from, and the provider's table of formulations. */

import type { Shape, Tensor, TensorOf } from "../graph/graph.ts"
import type { Operator } from "../graph/operators.ts"
import { type ExternalData, elementType, OnnxModel, type OnnxValue } from "../onnx/onnxModel.ts"
import { cpuLowerings } from "./cpu.ts"

/** Where computing happens. A new provider is a new table of lowerings. */
export type Provider = "cpu"

export interface LoweringContext {
  readonly onnx: OnnxModel
  /** The ONNX names of the node's inputs. */
  readonly inputs: readonly OnnxValue[]
  readonly inputShapes: readonly Shape[]
  readonly shape: Shape
}

export type Lowering<O extends Operator> = (context: LoweringContext, node: TensorOf<O>) => OnnxValue

/** Operators that are more than a leaf: those that a provider must know how to compute. */
export type ComputedOperator = Exclude<Operator, "Input" | "Parameter" | "Constant">
export type LoweringTable = { readonly [O in ComputedOperator]: Lowering<O> }

const tables: Record<Provider, LoweringTable> = { cpu: cpuLowerings }

export interface LoweredModel {
  readonly bytes: Uint8Array
  /** What must be fed: the ONNX input's name and the tensor it stands for. */
  readonly inputs: readonly { readonly name: string; readonly tensor: Tensor }[]
  readonly outputs: readonly { readonly name: string; readonly tensor: Tensor }[]
}

/** How a model that leaves the house calls its inputs and outputs. */
export interface ModelInterface {
  /** ONNX name of an output; inputs have the name given to `graph.input`. */
  readonly outputName: (tensor: Tensor) => OnnxValue
  /** Inputs of int64 that are fed as int32. */
  readonly int32Inputs: ReadonlySet<string>
  /** Computed for `append`, without being outputs themselves. */
  readonly appended: readonly Tensor[]
  /** Appends outputs for which there is no operator of ours. */
  readonly append: (onnx: OnnxModel, onnxOf: (tensor: Tensor) => OnnxValue) => void
}

/**
 * @param outputs what the model computes.
 * @param fed values that are computed elsewhere and given to the model at run time.
 * @param external for a parameter that stays in its file: where it lies there; undefined for one that is fed.
 */
export function lower(
  outputs: readonly Tensor[],
  options: {
    readonly provider: Provider
    readonly fed?: ReadonlySet<Tensor>
    readonly external?: (parameter: string) => ExternalData | undefined
    /** Names and types for programs other than ours; absent, those that `compile` and the pipeline use. */
    readonly interface?: ModelInterface
  },
): LoweredModel {
  const onnx = new OnnxModel()
  const table = tables[options.provider]
  const values = new Map<Tensor, OnnxValue>()
  const inputs: { name: string; tensor: Tensor }[] = []
  for (const tensor of reachable([...outputs, ...(options.interface?.appended ?? [])], options.fed))
    values.set(tensor, lowerOne(tensor))
  const named = [...new Set(outputs)].map((tensor) => {
    const value = values.get(tensor) as OnnxValue
    if (!options.interface) return { name: onnx.output(value, tensor.dataType), tensor }
    const name = options.interface.outputName(tensor)
    onnx.namedOutput(name, value, tensor.shape, tensor.dataType)
    return { name, tensor }
  })
  options.interface?.append(onnx, (tensor) => values.get(tensor) as OnnxValue)
  return { bytes: onnx.finish(), inputs, outputs: named }

  function lowerOne(tensor: Tensor): OnnxValue {
    const name = options.interface && tensor.operator === "Input" ? tensor.attributes.name : leafName(tensor)
    if (tensor.operator === "Constant" && !options.fed?.has(tensor)) return onnx.scalar(tensor.attributes.value)
    if (tensor.operator === "Parameter") {
      const place = options.external?.(tensor.attributes.name)
      if (place) return onnx.external(name, tensor.shape, tensor.dataType, place)
    }
    if (options.fed?.has(tensor) || tensor.operator === "Input" || tensor.operator === "Parameter") {
      inputs.push({ name, tensor })
      if (options.interface?.int32Inputs.has(name))
        return onnx.node("Cast", [onnx.input(name, tensor.shape, "int32")], { to: elementType.int64 })
      return onnx.input(name, tensor.shape, tensor.dataType)
    }
    const lowering = table[tensor.operator as ComputedOperator] as Lowering<Operator>
    const context: LoweringContext = {
      onnx,
      inputs: tensor.inputs.map((x) => values.get(x) as OnnxValue),
      inputShapes: tensor.inputs.map(({ shape }) => shape),
      shape: tensor.shape,
    }
    return lowering(context, tensor as TensorOf<Operator>)
  }
}

/** What the outputs depend on, down to leaves and fed values, in the order of the graph. */
export function reachable(outputs: readonly Tensor[], fed: ReadonlySet<Tensor> = new Set()): Tensor[] {
  const found = new Set<Tensor>()
  const open = [...outputs]
  for (let tensor = open.pop(); tensor; tensor = open.pop()) {
    if (found.has(tensor)) continue
    found.add(tensor)
    if (!fed.has(tensor)) open.push(...tensor.inputs)
  }
  return [...found].sort((a, b) => a.id - b.id)
}

function leafName(tensor: Tensor): string {
  if (tensor.operator === "Input") return `input:${tensor.attributes.name}`
  if (tensor.operator === "Parameter") return `parameter:${tensor.attributes.name}`
  return `value:${tensor.id}`
}
