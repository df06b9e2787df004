import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { ComputeLost, type Conversion } from "@fjord/diffusion"
import { AdvisedError } from "../failure.ts"
import type { Job } from "../job.ts"
import { baseModelFolder } from "../models.ts"
import { convert } from "./convert.ts"
import { keepModel } from "./keepModel.ts"
import type { TransferHandler, TransferOf } from "./transferHandler.ts"

export const modelKinds = { checkpoint: "FULL", lora: "LORA", embedding: "EMBEDDING" } as const

/** Makes a model of an uploaded file: a folder in diffusers' layout, both files of a LoRA, or an embedding. */
export const importFile: TransferHandler<"importFile"> = async (job, transfer) => {
  const { studio, run, scratch } = job
  const { hash, fileName, contents, modelId, name, uploadId } = transfer
  const { adapterConfig } = transfer
  const folder = join(scratch, "upload")
  await mkdir(folder)
  if (adapterConfig !== undefined) await writeFile(join(folder, "adapter_config.json"), JSON.stringify(adapterConfig))
  // By this name PEFT's adapters have their configuration beside them.
  const file = join(folder, "adapter_model.safetensors")
  const output = join(scratch, "model")
  await studio.files.copyTo(hash, file)
  try {
    await convert(job, await conversionOf(job, transfer, file, output))
  } catch (error) {
    if (!(error instanceof Error) || error instanceof ComputeLost || job.owned.stop.aborted) throw error
    throw new AdvisedError(
      // People know the file by the name that it had on their machine.
      error.message.replaceAll(file, fileName).replaceAll(folder, fileName),
      "The file is damaged, or made for another kind of model.",
      "Take another version of it, or name the base model that it is for, and import it again.",
    )
  }
  const kept = await keepModel(job, output, [output], {
    modelId,
    name,
    kind: modelKinds[contents.kind],
    baseModelId: run.baseModelId,
    instancePrompt: contents.kind === "embedding" ? contents.token : null,
  })
  return {
    ...kept,
    async finish(transaction) {
      await kept.finish(transaction)
      await transaction.upload.deleteMany({ where: { id: uploadId } })
    },
  }
}

async function conversionOf(
  job: Job,
  transfer: TransferOf<"importFile">,
  file: string,
  output: string,
): Promise<Conversion> {
  const { contents, baseModelId, tokenizerOf, predictionType, dataType } = transfer
  if (contents.kind === "embedding") return { kind: "importEmbedding", file, output }
  const base = baseModelId === undefined ? undefined : await baseModelFolder(job, baseModelId)
  if (contents.kind === "lora") return { kind: "import", file, output, options: { model: base } }
  const tokenizer = tokenizerOf === undefined ? undefined : await baseModelFolder(job, tokenizerOf)
  return { kind: "import", file, output, options: { base, tokenizer, predictionType, dataType } }
}
