import { join } from "node:path"
import { inspectModelFile } from "@fjord/diffusion/modelFile"
import { loraAmong, type PulledModel, pullModel as pull } from "@fjord/hub"
import { z } from "zod"
import { AdvisedError } from "../failure.ts"
import type { Job } from "../job.ts"
import { baseModelFolder } from "../models.ts"
import { convert } from "./convert.ts"
import { connectionOf, reportTo } from "./hub.ts"
import { modelKinds } from "./importFile.ts"
import { keepModel } from "./keepModel.ts"
import type { TransferHandler, TransferOf } from "./transferHandler.ts"

/** What a model's card says in its front matter, as far as it concerns us. */
const cardData = z.looseObject({
  base_model: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .catch(undefined),
  instance_prompt: z.string().optional().catch(undefined),
})

/** A model of the Hub becomes one of the studio: a whole one as it is, a LoRA of any form in ours. */
export const pullModel: TransferHandler<"pullModel"> = async (job, transfer) => {
  const { repo, revision, variant, file, modelId, name } = transfer
  const { owned, scratch } = job
  const pulled = await pull(await connectionOf(job, "nothing"), repo, {
    revision,
    variant,
    ...(file !== undefined && {
      files: [file, ...(file === "adapter_model.safetensors" ? ["adapter_config.json"] : [])],
    }),
    signal: owned.stop,
    onEvent: reportTo(job),
  })
  const card = cardData.safeParse(pulled.cardData).data ?? {}
  const told = { modelId, name, instancePrompt: card.instance_prompt ?? null, hubId: repo, hubRevision: pulled.commit }
  if (pulled.kind === "pipeline") {
    const paths = pulled.files.map((path) => join(pulled.folder, path))
    return keepModel(job, pulled.folder, paths, { ...told, kind: "FULL", baseModelId: null })
  }
  const path = join(pulled.folder, file ?? loraAmong(repo, pulled.files))
  const contents = await inspectModelFile(path)
  const output = join(scratch, "model")
  const baseModelId = await baseModelOf(job, transfer, [card.base_model ?? []].flat())
  if (contents.kind === "embedding") await convert(job, { kind: "importEmbedding", file: path, output })
  else if (contents.kind === "lora") {
    const model = baseModelId === null ? undefined : await baseModelFolder(job, baseModelId)
    await convert(job, { kind: "import", file: path, output, options: { model } })
  } else throw wholeFile(pulled, path)
  const instancePrompt = contents.kind === "embedding" ? contents.token : told.instancePrompt
  return keepModel(job, output, [output], { ...told, kind: modelKinds[contents.kind], baseModelId, instancePrompt })
}

/** What the LoRA is for: as it was asked for, or the base model of the team that the card names. */
async function baseModelOf(
  { studio, run }: Job,
  { baseModelId }: TransferOf<"pullModel">,
  named: readonly string[],
): Promise<string | null> {
  if (baseModelId !== undefined) return baseModelId
  const found = await studio.database.baseModel.findFirst({
    where: { teamId: run.teamId, source: "HUB", location: { in: [...named] } },
    orderBy: { createdAt: "asc" },
  })
  return found?.id ?? null
}

const wholeFile = ({ id }: PulledModel, path: string) =>
  new AdvisedError(
    `${path.slice(path.lastIndexOf("/") + 1)} of ${id} is a whole model in a single file.`,
    "A single file has no tokenizer, so it needs another model's.",
    "Download it and import the file, or choose a repository with a model_index.json.",
  )
