import { recordFile } from "@fjord/db"
import type { Job } from "../job.ts"
import { storeTree } from "../trainingResult.ts"
import type { Finish } from "./transferHandler.ts"

/** Everything in a folder, left with the run to be downloaded. */
export async function downloads(
  { studio, run }: Job,
  folder: string,
): Promise<{ readonly files: readonly string[]; readonly finish: Finish }> {
  const files = await storeTree(studio.files, folder, [folder])
  return {
    files: files.map(({ path }) => path),
    async finish(transaction) {
      for (const file of files) await recordFile(transaction, studio.files, file, run.teamId)
      await transaction.runFile.createMany({ data: files.map(({ path, hash }) => ({ runId: run.id, path, hash })) })
    },
  }
}
