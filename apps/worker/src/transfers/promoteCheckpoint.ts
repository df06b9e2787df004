import { recordFile } from "@fjord/db"
import { layOutPromoted } from "../promotion.ts"
import { storeTree } from "../trainingResult.ts"
import type { TransferHandler } from "./transferHandler.ts"

export const promoteCheckpoint: TransferHandler<"promoteCheckpoint"> = async (job, { checkpointId, modelId }) => {
  const { studio, run } = job
  const promoted = await layOutPromoted(job, checkpointId)
  const files = await storeTree(studio.files, promoted.folder, promoted.files)
  const { kind, step, runId, baseModelId, instancePrompt } = promoted
  return {
    modelId,
    files: files.map(({ path }) => path),
    async finish(transaction) {
      for (const file of files) await recordFile(transaction, studio.files, file, run.teamId)
      await transaction.modelFile.deleteMany({ where: { modelId } })
      await transaction.modelFile.createMany({ data: files.map(({ path, hash }) => ({ modelId, path, hash })) })
      await transaction.model.update({
        where: { id: modelId, teamId: run.teamId },
        data: { kind, step, runId, baseModelId, instancePrompt },
      })
    },
  }
}
