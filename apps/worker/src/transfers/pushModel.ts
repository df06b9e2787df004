import { pushModel as push } from "@fjord/hub"
import { AdvisedError } from "../failure.ts"
import { modelFolder } from "../models.ts"
import { connectionOf, reportTo } from "./hub.ts"
import type { TransferHandler } from "./transferHandler.ts"

/** The model with the latest version of its card. */
export const pushModel: TransferHandler<"pushModel"> = async (job, { modelId, repo, private: hidden }) => {
  const { studio, run, owned } = job
  const model = await studio.database.model.findFirst({
    where: { id: modelId, teamId: run.teamId },
    include: { card: { include: { versions: { orderBy: { number: "desc" }, take: 1 } } } },
  })
  const version = model?.card?.versions[0]
  if (version === undefined)
    throw new AdvisedError(
      "The model has no card yet.",
      "The Hub shows a model by its card.",
      "Write the model card first.",
    )
  const connection = await connectionOf(job, "token")
  const pushed = await push(connection, repo, {
    folder: await modelFolder(studio, modelId),
    card: version.markdown,
    visibility: hidden ? "private" : "public",
    signal: owned.stop,
    onEvent: reportTo(job),
  })
  return {
    modelId,
    files: [],
    async finish(transaction) {
      await transaction.model.update({ where: { id: modelId }, data: { hubId: repo, hubRevision: pushed.commit } })
      await transaction.modelCardVersion.update({ where: { id: version.id }, data: { hubRevision: pushed.commit } })
    },
  }
}
