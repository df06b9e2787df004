import { stat } from "node:fs/promises"
import { join } from "node:path"
import { folderFacts, pullModel } from "@fjord/hub"
import { z } from "zod"
import { AdvisedError } from "../failure.ts"
import { connectionOf, reportTo } from "./hub.ts"
import type { TransferHandler } from "./transferHandler.ts"

const licensed = z.looseObject({ license: z.string() })

/** Fetches a base model once, pins it to the commit that it then has, and notes what its card and configs say of it. */
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
  const { teamId, source, location } = model
  const same = await studio.database.baseModel.findFirst({
    where: { teamId, source, location, revision: pulled.commit, id: { not: baseModelId } },
  })
  if (same !== null)
    throw new AdvisedError(
      `The team has ${location} at this commit already, as ${same.name}.`,
      `${model.revision ?? "main"} is at the commit ${pulled.commit.slice(0, 8)} now, to which ${same.name} is pinned.`,
      `Use ${same.name}, and delete ${model.name}.`,
    )
  let byteSize = 0
  for (const path of pulled.files) byteSize += (await stat(join(pulled.folder, path))).size
  const { resolution, family } = await folderFacts(pulled.folder)
  const card = licensed.safeParse(pulled.cardData)
  return {
    files: pulled.files,
    async finish(transaction) {
      await transaction.baseModel.update({
        where: { id: baseModelId },
        data: {
          revision: pulled.commit,
          byteSize: BigInt(byteSize),
          ...(resolution !== null && { resolution }),
          ...(family !== null && { family }),
          ...(card.success && { licence: card.data.license }),
        },
      })
    },
  }
}
