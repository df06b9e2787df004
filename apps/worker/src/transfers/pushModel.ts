import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { type PushFile, picturesShown, pushModel as push, sampleAt } from "@fjord/hub"
import { AdvisedError } from "../failure.ts"
import type { Job } from "../job.ts"
import { modelFolder } from "../models.ts"
import { connectionOf, reportTo } from "./hub.ts"
import type { TransferHandler } from "./transferHandler.ts"

/** The model with the latest version of its card, the samples that the card shows, and its settings. */
export const pushModel: TransferHandler<"pushModel"> = async (job, { modelId, repo, private: hidden }) => {
  const { studio, run, owned } = job
  const model = await studio.database.model.findFirst({
    where: { id: modelId, teamId: run.teamId },
    include: { card: { include: { versions: { orderBy: { number: "desc" }, take: 1 } } } },
  })
  const version = model?.card?.versions[0]
  if (!model || version === undefined)
    throw new AdvisedError(
      "The model has no card yet.",
      "The Hub shows a model by its card.",
      "Write the model card first.",
    )
  const connection = await connectionOf(job, "token")
  const folder = await modelFolder(studio, modelId)
  const settings = join(folder, "training.json")
  const pushed = await push(connection, repo, {
    folder,
    card: version.markdown,
    pictures: model.runId === null ? [] : await layOutSamples(job, model.runId, version.markdown),
    documents: existsSync(settings) ? [{ path: "training.json", file: settings }] : [],
    title: `${model.name}, card version ${version.number}`,
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

/** The samples of the model's run that the card names; other pictures are the card's own affair. */
async function layOutSamples({ studio, scratch }: Job, runId: string, card: string): Promise<PushFile[]> {
  const folder = join(scratch, "samples")
  await mkdir(folder)
  const files: PushFile[] = []
  for (const path of picturesShown(card)) {
    const name = sampleAt(path)
    if (name === undefined) continue
    const sample = await studio.database.sample.findUnique({
      where: { runId_step_promptIndex_seed: { runId, ...name } },
    })
    if (sample === null) continue
    const file = join(folder, `${files.length}.png`)
    await studio.files.copyTo(sample.hash, file)
    files.push({ path, file })
  }
  return files
}
