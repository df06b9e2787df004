import { folderFacts } from "@fjord/hub"
import type { Job } from "../job.ts"
import { createModel, storeTree } from "../trainingResult.ts"
import type { Finish } from "./transferHandler.ts"

type NewModel = Omit<Parameters<typeof createModel>[1], "teamId"> & { readonly modelId: string }

/** The files of a new model, stored; its rows come with the end of the run. */
export async function keepModel(
  { studio, run }: Job,
  folder: string,
  paths: readonly string[],
  { modelId, ...model }: NewModel,
): Promise<{ readonly modelId: string; readonly files: readonly string[]; readonly finish: Finish }> {
  const files = await storeTree(studio.files, folder, paths)
  const { resolution, family } = await folderFacts(folder)
  const { teamId } = run
  return {
    modelId,
    files: files.map(({ path }) => path),
    async finish(transaction) {
      await createModel(transaction, { ...model, teamId }, studio.files, files, modelId)
      // A whole model is there to be trained and drawn with.
      if (model.kind === "FULL")
        await transaction.baseModel.create({
          data: { teamId, name: model.name, source: "MODEL", location: modelId, revision: "", resolution, family },
        })
    },
  }
}
