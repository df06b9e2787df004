import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { loraForms, pipelineForms } from "@fjord/contracts"
import type { Conversion } from "@fjord/diffusion"
import { AdvisedError } from "../failure.ts"
import type { Job } from "../job.ts"
import { baseModelFolder } from "../models.ts"
import { deleted, loraFileIn, trainedModel } from "../trainedModels.ts"
import { convert } from "./convert.ts"
import { downloads } from "./downloads.ts"
import type { TransferHandler, TransferOf } from "./transferHandler.ts"

type Form = TransferOf<"exportModel">["form"]
type PipelineForm = (typeof pipelineForms)[number]
const isPipelineForm = (form: Form): form is PipelineForm => pipelineForms.some((own) => own === form)

/** A model or a LoRA in another program's form, to be downloaded. */
export const exportModel: TransferHandler<"exportModel"> = async (job, transfer) => {
  const { source, form } = transfer
  const result = join(job.scratch, "result")
  await mkdir(result)
  const stem = (await nameOf(job, source)).replace(/[^\w.-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "") || "model"
  const isFile = form === "single-file" || form === "kohya" || form === "diffusers"
  const output = join(result, isFile ? `${stem}.safetensors` : stem)
  await convert(job, await conversionOf(job, transfer, output))
  return downloads(job, result)
}

async function nameOf({ studio }: Job, { kind, id }: TransferOf<"exportModel">["source"]): Promise<string> {
  const row =
    kind === "model"
      ? await studio.database.model.findUnique({ where: { id } })
      : await studio.database.baseModel.findUnique({ where: { id } })
  if (row === null) throw deleted(kind === "model" ? "model" : "base model")
  return row.name
}

async function conversionOf(job: Job, transfer: TransferOf<"exportModel">, output: string): Promise<Conversion> {
  const { source, form, dataType, width, height, batch } = transfer
  if (isPipelineForm(form)) {
    const model = await pipelineFolder(job, source)
    const conversions: { readonly [Own in PipelineForm]: Conversion } = {
      "single-file": { kind: "singleFile", model, output, options: { dataType } },
      onnx: { kind: "onnx", model, output, options: { width, height, batch } },
      fp16: { kind: "fp16", model, output },
    }
    return conversions[form]
  }
  const trained = source.kind === "model" ? await trainedModel(job.studio, source.id) : undefined
  if (trained?.kind !== "LORA")
    throw new AdvisedError(
      `The forms ${loraForms.join(", ")} are for LoRAs, and this is none.`,
      "A whole model is not a set of small changes.",
      `Export it as ${pipelineForms.join(", ")}.`,
    )
  const { baseModelId, baseCommit, folder } = trained
  const model = baseModelId === null ? undefined : await baseModelFolder(job, baseModelId, baseCommit)
  return { kind: "lora", file: loraFileIn(folder), form, model, output }
}

/** The folder of a whole model. */
export async function pipelineFolder(job: Job, { kind, id }: TransferOf<"exportModel">["source"]): Promise<string> {
  if (kind === "baseModel") return baseModelFolder(job, id)
  const model = await trainedModel(job.studio, id)
  if (model.kind === "FULL") return model.folder
  throw new AdvisedError(
    `${model.name} is no whole model.`,
    "A LoRA or an embedding holds only what it changes.",
    "Merge the LoRA into a model first, then use that.",
  )
}
