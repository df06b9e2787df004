import { stat } from "node:fs/promises"
import { join } from "node:path"
import { pullModel } from "@fjord/hub"
import { AdvisedError } from "../failure.ts"
import { connectionOf, reportTo } from "./hub.ts"
import type { TransferHandler } from "./transferHandler.ts"

/** Fetches a base model once, and pins it to the commit that it then has. */
export const importModel: TransferHandler<"importModel"> = async (job, { baseModelId }) => {
  const { studio, run, owned } = job
  const model = await studio.database.baseModel.findFirst({ where: { id: baseModelId, teamId: run.teamId } })
  if (model === null || model.source !== "HUB")
    throw new AdvisedError("There is no base model of the Hub to fetch.", "It was deleted.", "Add it again.")
  const connection = await connectionOf(job, "nothing")
  const pulled = await pullModel(connection, model.location, {
    revision: model.revision ?? undefined,
    signal: owned.stop,
    onEvent: reportTo(job),
  })
  let byteSize = 0
  for (const path of pulled.files) byteSize += (await stat(join(pulled.folder, path))).size
  return {
    files: pulled.files,
    async finish(transaction) {
      await transaction.baseModel.update({
        where: { id: baseModelId },
        data: { revision: pulled.commit, byteSize: BigInt(byteSize) },
      })
    },
  }
}
