/** The models of the studio, made by training, import or merging, where runs use them. */

import { join } from "node:path"
import type { GenerationRunConfig } from "@fjord/contracts"
import { embeddingFileName } from "@fjord/diffusion"
import { AdvisedError } from "./failure.ts"
import type { Job } from "./job.ts"
import { baseCommitOf, modelFolder } from "./models.ts"
import { layOutPromoted } from "./promotion.ts"
import type { Studio } from "./studio.ts"

/** A model with its folder, and the Hub commit of the base model that it was trained on. */
export async function trainedModel(studio: Studio, id: string) {
  const model = await studio.database.model.findUnique({
    where: { id },
    include: { run: { select: { config: true, kind: true } } },
  })
  if (model === null) throw deleted("model")
  const baseCommit = model.run?.kind === "TRAINING" ? baseCommitOf(model.run.config) : undefined
  return { ...model, baseCommit, folder: await modelFolder(studio, id) }
}

/** The file of a LoRA, its prompt, and the Hub commit of the base model that it was trained on. */
export async function loraFile(job: Job, { kind, id }: Pick<GenerationRunConfig["loras"][number], "kind" | "id">) {
  const { folder, baseCommit, instancePrompt } =
    kind === "model" ? await trainedModel(job.studio, id) : await layOutPromoted(job, id)
  return { file: loraFileIn(folder), baseCommit, instancePrompt }
}

export const loraFileIn = (folder: string) => join(folder, "pytorch_lora_weights.safetensors")

export async function embeddingFile(studio: Studio, id: string): Promise<string> {
  return join((await trainedModel(studio, id)).folder, embeddingFileName)
}

export const deleted = (what: string) =>
  new AdvisedError(
    `The ${what} does not exist any more.`,
    "It was deleted after the run was asked for.",
    "Choose another one.",
  )
