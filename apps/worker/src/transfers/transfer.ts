/** A transfer run: what its kind does, then its rows and its end in one transaction. */

import { type TransferKind, transferRunConfig } from "@fjord/contracts"
import { transitionRun } from "@fjord/db"
import type { Handler } from "../job.ts"
import { measured } from "../training.ts"
import { exportModel } from "./exportModel.ts"
import { importFile } from "./importFile.ts"
import { importModel } from "./importModel.ts"
import { makeGrid } from "./makeGrid.ts"
import { mergeLoras } from "./mergeLoras.ts"
import { newModel } from "./newModel.ts"
import { promoteCheckpoint } from "./promoteCheckpoint.ts"
import { pullDataset } from "./pullDataset.ts"
import { pullModel } from "./pullModel.ts"
import { pushDataset } from "./pushDataset.ts"
import { pushModel } from "./pushModel.ts"
import type { TransferHandler } from "./transferHandler.ts"

const transfers: { readonly [Kind in TransferKind]: TransferHandler<Kind> } = {
  pushModel,
  pushDataset,
  pullDataset,
  pullModel,
  importModel,
  promoteCheckpoint,
  importFile,
  exportModel,
  mergeLoras,
  newModel,
  makeGrid,
}

export const transfer: Handler = async (job) => {
  const { run, owned, recorder } = job
  const asked = transferRunConfig.parse(run.config)
  // The table is total over the kinds, which TypeScript cannot see through an index.
  const handler = transfers[asked.kind] as TransferHandler<TransferKind>
  const { finish, files, modelId } = await handler(job, asked)
  owned.stop.throwIfAborted()
  const none = { peakBytes: 0, estimateBytes: 0 }
  const event = { type: "RunFinished" as const, files: [...files], ...none, ...(modelId !== undefined && { modelId }) }
  await recorder.now(event, async (transaction) => {
    await finish(transaction)
    await transaction.run.update({ where: { id: run.id }, data: { measuredSeconds: measured(job), peakBytes: null } })
    await transitionRun(transaction, { ...owned.claim, from: "RUNNING", to: "SUCCEEDED" })
  })
}
