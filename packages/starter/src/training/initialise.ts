/** Weights before training, a function of seed and name. */

import { randomFrom } from "../world/random.ts"
import { fillNormal } from "./normal.ts"

type Shapes = ReadonlyMap<string, readonly number[]>

/** The last layer of a residual branch: zero, so that a new network is close to the identity (Goyal et al. 2017, §5.1). */
const lastOfBranch = /\.conv2\.weight$|\.proj_out\.weight$/

/** What every signal passes, normalised by nothing: keeps its size. */
const mainPath = /conv_in|samplers|conv_shortcut/

/**
 * Convolutions and linear layers normal with variance 1/3 fan-in as PyTorch's own, norms one, biases zero.
 * @param component prefix of the names, as in the graph: `vae`, `unet`, `text_encoder`.
 */
export function initialWeights(component: string, shapes: Shapes, seed: number): Map<string, Float32Array> {
  const weights = new Map<string, Float32Array>()
  for (const [key, shape] of shapes) {
    const name = `${component}.${key}`
    const values = new Float32Array(shape.reduce((product, n) => product * n, 1))
    weights.set(name, values)
    if (key.endsWith(".bias") || lastOfBranch.test(key) || name === "unet.conv_out.weight") continue
    else if (shape.length === 1) values.fill(1)
    else {
      const fanIn = shape.slice(1).reduce((product, n) => product * n, 1)
      const embedding = key.includes("token_embedding") ? 0.3 : key.includes("position_embedding") ? 0.1 : undefined
      const gain = mainPath.test(key) ? 1 : 1 / 3
      fillNormal(values, randomFrom(seed, name), embedding ?? Math.sqrt(gain / fanIn))
    }
  }
  return weights
}
