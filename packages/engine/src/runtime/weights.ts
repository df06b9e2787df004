/** Where a graph's parameters are at run time: in memory, fed at each run, or in their file, mapped by ONNX Runtime. */

import { open } from "node:fs/promises"
import type { Tensor } from "../graph/graph.ts"
import type { Values } from "./session.ts"

export type Weight =
  | { readonly kind: "memory"; readonly values: Values }
  | {
      readonly kind: "file"
      /** Real path (no symbolic link): ONNX Runtime refuses links that leave the folder. */
      readonly path: string
      readonly byteOffset: number
      readonly byteLength: number
    }

/** By parameter name, which is the safetensors key, with the component before it where several share a graph. */
export type Weights = ReadonlyMap<string, Weight>

/** @throws where a parameter of the graph has no weight. */
export function weightOf(weights: Weights, name: string): Weight {
  const weight = weights.get(name)
  if (!weight) throw new Error(`parameter ${name} has no weight: the model folder lacks it or it was not loaded`)
  return weight
}

/**
 * Reads the weights of these parameters that lie in files. Those in bfloat16 stay there: ONNX Runtime for Node.js can be
 * fed none.
 */
export async function readIntoMemory(tensors: Iterable<Tensor>, weights: Weights): Promise<Weights> {
  const read = new Map(weights)
  for (const tensor of tensors) {
    if (tensor.operator !== "Parameter" || tensor.dataType === "bfloat16") continue
    const weight = weightOf(weights, tensor.attributes.name)
    if (weight.kind === "memory") continue
    const bytes = await readBytes(weight)
    const values = tensor.dataType === "float16" ? new Uint16Array(bytes) : new Float32Array(bytes)
    read.set(tensor.attributes.name, { kind: "memory", values })
  }
  return read
}

async function readBytes({ path, byteOffset, byteLength }: Extract<Weight, { kind: "file" }>): Promise<ArrayBuffer> {
  await using file = await open(path, "r")
  const bytes = new Uint8Array(byteLength)
  for (let done = 0; done < byteLength; ) {
    // One call reads at most 2^31 - 1 bytes.
    const { bytesRead } = await file.read(bytes, done, Math.min(byteLength - done, 2 ** 30), byteOffset + done)
    if (bytesRead === 0) throw new Error(`${path} ended ${byteLength - done} bytes too early: was it changed?`)
    done += bytesRead
  }
  return bytes.buffer
}
