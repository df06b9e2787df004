/** Where a graph's parameters are at run time: in memory, fed at each run, or in their file, mapped by ONNX Runtime. */

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
