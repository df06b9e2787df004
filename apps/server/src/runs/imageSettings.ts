/** All that is needed to make a generated image again. */

import { generationConfigOf } from "./config.ts"

/** Image i of a generation has the generation's seed + i, so alone it is image 0 of its own seed. */
export function imageSettings({ seed, run }: { seed: bigint; run: { config: unknown } }) {
  const { options, ...rest } = generationConfigOf(run.config)
  return { ...rest, options: { ...options, seed: Number(seed), numImages: 1 } }
}
