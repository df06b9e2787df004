import { compile, type Tensor } from "@fjord/engine"
import type { WeightCatalogue } from "../../packages/diffusion/src/folder/weightCatalogue.ts"

export type Feeds = Record<string, Float32Array | BigInt64Array>

/** Runs a graph once on the CPU with the weights of one component, read where they lie; every output is float32. */
export async function evaluate<Outputs extends string>(
  outputs: Readonly<Record<Outputs, Tensor>>,
  catalogue: WeightCatalogue,
  feeds: Feeds,
): Promise<Record<Outputs, Float32Array>> {
  const weights = new Map(
    [...catalogue].map(([name, { file, byteOffset, byteLength }]) => {
      return [name, { kind: "file", path: file.path, byteOffset, byteLength } as const]
    }),
  )
  const program = await compile(outputs, { provider: "cpu", threads: 1, weights })
  try {
    const results = await program.run(feeds)
    for (const [name, values] of Object.entries(results))
      if (!(values instanceof Float32Array)) throw new Error(`Output ${name} is not float32.`)
    return results as Record<Outputs, Float32Array>
  } finally {
    await program.release()
  }
}
