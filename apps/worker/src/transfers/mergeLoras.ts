import { join } from "node:path"
import { baseModelFolder } from "../models.ts"
import { loraFile } from "../trainedModels.ts"
import { createModel, storeTree } from "../trainingResult.ts"
import { convert } from "./convert.ts"
import { pipelineFolder } from "./exportModel.ts"
import type { TransferHandler } from "./transferHandler.ts"

/** Merges LoRAs into the weights of a model, which becomes a new model. */
export const mergeLoras: TransferHandler<"mergeLoras"> = async (job, { source, loras: asked, modelId, name }) => {
  const { studio, run, scratch } = job
  const loras: (Awaited<ReturnType<typeof loraFile>> & { readonly weight: number })[] = []
  for (const { weight, ...lora } of asked) loras.push({ ...(await loraFile(job, lora)), weight })
  const [first] = loras
  const model =
    source.kind === "baseModel"
      ? await baseModelFolder(job, source.id, first?.baseCommit)
      : await pipelineFolder(job, source)
  const output = join(scratch, "model")
  const files = loras.map(({ file, weight }) => ({ file, weight }))
  await convert(job, { kind: "merge", model, output, options: { loras: files } })
  const stored = await storeTree(studio.files, output, [output])
  const { teamId, baseModelId } = run
  const row = { teamId, name, kind: "FULL" as const, baseModelId, instancePrompt: first?.instancePrompt ?? null }
  return {
    modelId,
    files: stored.map(({ path }) => path),
    async finish(transaction) {
      await createModel(transaction, row, studio.files, stored, modelId)
    },
  }
}
