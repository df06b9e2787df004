import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { pushDataset as push } from "@fjord/hub"
import { AdvisedError } from "../failure.ts"
import { connectionOf, reportTo } from "./hub.ts"
import type { TransferHandler } from "./transferHandler.ts"

export const pushDataset: TransferHandler<"pushDataset"> = async (job, transfer) => {
  const { datasetId, repo, private: hidden, split, licence, captions } = transfer
  const { studio, run, owned, scratch } = job
  const images = await studio.database.image.findMany({
    where: { datasetId, dataset: { teamId: run.teamId } },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    include: { file: true },
  })
  if (images.length === 0)
    throw new AdvisedError("The data set has no pictures.", "It is empty or was deleted.", "Upload pictures first.")
  const connection = await connectionOf(job, "token")
  const folder = join(scratch, "images")
  await mkdir(folder)
  const laidOut = []
  for (const [i, { hash, caption, file }] of images.entries()) {
    const path = join(folder, `${String(i).padStart(6, "0")}.${file.mediaType === "image/jpeg" ? "jpg" : "png"}`)
    await studio.files.copyTo(hash, path)
    laidOut.push({ file: path, ...(captions && caption !== "" && { caption }) })
  }
  await push(connection, repo, {
    images: laidOut,
    ...(split !== undefined && { split }),
    license: licence,
    visibility: hidden ? "private" : "public",
    workFolder: scratch,
    signal: owned.stop,
    onEvent: reportTo(job),
  })
  return {
    files: [],
    async finish(transaction) {
      await transaction.dataset.update({ where: { id: datasetId }, data: { hubId: repo } })
    },
  }
}
