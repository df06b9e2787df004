/** A graph as text, for tests and for looking at what `backward` built. */

import { reachable } from "../lowering/lowering.ts"
import type { Graph, Tensor } from "./graph.ts"

/**
 * One line per tensor, in reading order: number, operator, inputs and attributes, shape, type, block.
 *
 *     %3 = Linear(%1, w: unet.conv_in.weight) [2,3] float32 @block
 *
 * Weights stand where they are used as `w:` and their name, constants as their value.
 * @param outputs prints only these and what they depend on; everything when absent.
 */
export function printGraph(graph: Graph, outputs?: readonly Tensor[]): string {
  const tensors = outputs ? reachable(outputs) : graph.tensors
  return tensors.map(printTensor).join("\n")
}

function printTensor(tensor: Tensor): string {
  const block = tensor.block === "" ? "" : ` @${tensor.block}`
  return `%${tensor.id} = ${printCall(tensor)} [${tensor.shape}] ${tensor.dataType}${block}`
}

function printCall(tensor: Tensor): string {
  if (tensor.operator === "Input" || tensor.operator === "Parameter")
    return `${tensor.operator}(${tensor.attributes.name})`
  if (tensor.operator === "Constant") return `Constant(${tensor.attributes.value})`
  const attributes = Object.entries(tensor.attributes).map(([name, value]) => `${name}=${printAttribute(value)}`)
  return `${tensor.operator}(${[...tensor.inputs.map(printInput), ...attributes].join(", ")})`
}

function printInput(tensor: Tensor): string {
  if (tensor.operator === "Parameter") return `w: ${tensor.attributes.name}`
  return tensor.operator === "Constant" ? `${tensor.attributes.value}` : `%${tensor.id}`
}

/** Lists as [1,2], records such as a convolution's padding as {top:1,left:1}. */
function printAttribute(value: unknown): string {
  if (Array.isArray(value)) return `[${value}]`
  if (typeof value !== "object" || value === null) return `${value}`
  const entries = Object.entries(value).map(([name, inner]) => `${name}:${printAttribute(inner)}`)
  return `{${entries}}`
}
