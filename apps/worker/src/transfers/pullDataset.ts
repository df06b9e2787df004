import { join } from "node:path"
import { type DatabaseOrTransaction, recordFile, type StoredFile } from "@fjord/db"
import { findImages, measurePicture } from "@fjord/diffusion"
import { pullDataset as pull } from "@fjord/hub"
import { AdvisedError } from "../failure.ts"
import { mediaTypeOf } from "../trainingResult.ts"
import { connectionOf, reportTo } from "./hub.ts"
import type { TransferHandler } from "./transferHandler.ts"

type Measured = Awaited<ReturnType<typeof measurePicture>> &
  StoredFile & { readonly name: string; readonly caption: string; readonly mediaType: string }

export const pullDataset: TransferHandler<"pullDataset"> = async (job, transfer) => {
  const { studio, run, owned, recorder, scratch } = job
  const { datasetId, name, repo, revision, split, config, captionColumn, imageColumn } = transfer
  const connection = await connectionOf(job, "nothing")
  const folder = join(scratch, "dataset")
  const pulled = await pull(connection, repo, folder, {
    revision,
    split,
    config,
    captionColumn,
    imageColumn,
    signal: owned.stop,
    onEvent: reportTo(job),
  })
  const { usable, refused } = await findImages(folder)
  for (const text of [...pulled.refused, ...refused.map(({ reason }) => reason)])
    recorder.later({ type: "Message", level: "warning", text })
  if (usable.length === 0)
    throw new AdvisedError(
      `${repo} has no picture that can be used.`,
      "The messages say why.",
      "Choose another split or data set.",
    )
  const images: Measured[] = []
  for (const { file, path, caption = "" } of usable) {
    owned.stop.throwIfAborted()
    const measures = await measurePicture(path)
    const stored = await studio.files.putFile(path)
    images.push({ ...measures, ...stored, name: file, caption, mediaType: mediaTypeOf(file) })
  }
  return {
    files: [],
    async finish(transaction) {
      for (const image of images) await recordFile(transaction, studio.files, image, run.teamId)
      const { teamId } = run
      await transaction.dataset.upsert({
        where: { id: datasetId, teamId },
        // Earlier versions made it when the run was asked for.
        update: { hubId: repo },
        create: {
          id: datasetId,
          teamId,
          hubId: repo,
          name: await freeName(transaction, teamId, name ?? repo.replaceAll("/", " ")),
        },
      })
      await transaction.image.createMany({
        data: images.map(({ byteSize: _, mediaType: __, ...image }) => ({ ...image, datasetId })),
        skipDuplicates: true,
      })
    },
  }
}

/** As wanted, or with a number where the team has one of that name: what was fetched is not lost over a name. */
async function freeName(transaction: DatabaseOrTransaction, teamId: string, wanted: string): Promise<string> {
  // A name has at most 100 characters.
  const base = wanted.slice(0, 90)
  const rows = await transaction.dataset.findMany({
    where: { teamId, name: { startsWith: base } },
    select: { name: true },
  })
  const taken = new Set(rows.map(({ name }) => name))
  let name = wanted
  for (let number = 2; taken.has(name); number++) name = `${base} (${number})`
  return name
}
