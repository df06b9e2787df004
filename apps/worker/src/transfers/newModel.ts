import { join } from "node:path"
import { convert } from "./convert.ts"
import { keepModel } from "./keepModel.ts"
import type { TransferHandler } from "./transferHandler.ts"

/** A model of random weights: for benchmarks and tests. */
export const newModel: TransferHandler<"newModel"> = async (job, { shape, seed, modelId, name }) => {
  const output = join(job.scratch, "model")
  await convert(job, { kind: "newModel", shape, seed, output })
  const model = { modelId, name, kind: "FULL" as const, baseModelId: null, instancePrompt: null }
  return keepModel(job, output, [output], model)
}
