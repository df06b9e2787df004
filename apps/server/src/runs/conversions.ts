/** Transfers that need no Hub: uploaded files into the studio, models into other programs' forms, LoRAs into models, grids. */

import { randomUUID } from "node:crypto"
import {
  adapterConfig,
  loraForms,
  modelFileContents,
  type TransferRunConfig,
  transferRunConfig,
} from "@fjord/contracts"
import type { Run } from "@fjord/db/prisma"
import { owned, requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError, InputError } from "../expectedError.ts"
import { checkedName } from "../text.ts"
import { checkedConfig } from "./config.ts"
import {
  exactlyOne,
  type GivenLora,
  type GivenPicture,
  lorasOf,
  modelWithFiles,
  pictureHash,
  readyBaseModel,
} from "./named.ts"
import { queueTransfer } from "./transfers.ts"

type Maybe<Value> = Value | null | undefined
type ConfigOf<Kind extends TransferRunConfig["kind"]> = Extract<TransferRunConfig, { kind: Kind }>

/** What is given, without what is not. */
const present = <Values extends object>(values: Values) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value != null)) as {
    [Name in keyof Values]?: NonNullable<Values[Name]>
  }

export type ImportFile = {
  uploadId: string
  name?: Maybe<string>
  baseModelId?: Maybe<string>
  tokenizerOf?: Maybe<string>
  predictionType?: Maybe<ConfigOf<"importFile">["predictionType"]>
  dataType?: Maybe<ConfigOf<"importFile">["dataType"]>
  adapterConfig?: unknown
}

/** Far above any; it is kept in the run's row. */
const longestAdapterConfig = 100_000

function checkedAdapterConfig(given: unknown, kind: string): ConfigOf<"importFile">["adapterConfig"] {
  if (given == null) return undefined
  if (kind !== "lora") throw new InputError("Only a LoRA of PEFT has an adapter_config.json.", "adapterConfig")
  const { data } = adapterConfig.safeParse(given)
  if (data === undefined) throw new InputError("An adapter_config.json is a JSON object.", "adapterConfig")
  if (JSON.stringify(data).length > longestAdapterConfig)
    throw new InputError(`An adapter_config.json has at most ${longestAdapterConfig} characters.`, "adapterConfig")
  return data
}

/** The model appears when the run has succeeded. */
export async function importFile(context: Context, input: ImportFile): Promise<Run> {
  const { uploadId, baseModelId, tokenizerOf, predictionType, dataType } = input
  const found = context.database.upload.findUnique({ where: { id: uploadId } })
  const { teamId, hash, fileName, contents: told } = await owned(context, "EDITOR", "upload", found)
  if (hash === null) throw new ConflictError("No model file has arrived at this upload's address yet.")
  const waiting = await context.database.run.findFirst({
    where: {
      kind: "TRANSFER",
      config: { path: ["uploadId"], equals: uploadId },
      status: { in: ["QUEUED", "RUNNING"] },
    },
  })
  if (waiting !== null) throw new ConflictError("This file is being imported already.")
  const contents = modelFileContents.parse(told)
  if (contents.kind === "checkpoint" && !baseModelId && !tokenizerOf)
    throw new InputError(
      `${fileName} holds no tokenizer, as no single file does; name a base model whose tokenizer is taken.`,
      "tokenizerOf",
    )
  for (const id of [baseModelId, tokenizerOf]) if (id) await readyBaseModel(context, teamId, id)
  const config = checkedConfig(transferRunConfig, {
    ...{ kind: "importFile" as const, uploadId, hash, fileName, contents, modelId: randomUUID() },
    name: checkedName(input.name ?? fileName.replace(/\.safetensors$/i, "")),
    ...present({ baseModelId, tokenizerOf, predictionType, dataType }),
    ...present({ adapterConfig: checkedAdapterConfig(input.adapterConfig, contents.kind) }),
  })
  return queueTransfer(context, teamId, `Import ${fileName}`, config, baseModelId ?? null)
}

/** A base model or a model, by exactly one of the two ids. */
async function sourceOf(
  context: Context,
  teamId: string,
  given: { baseModelId?: Maybe<string>; modelId?: Maybe<string> },
) {
  const [name, id] = exactlyOne({ modelId: given.modelId, baseModelId: given.baseModelId })
  if (name === "baseModelId") {
    const base = await readyBaseModel(context, teamId, id)
    return { source: { kind: "baseModel" as const, id }, name: base.name, kind: "FULL" as const, baseModelId: id }
  }
  const { kind, baseModelId, name: own } = await modelWithFiles(context, teamId, id)
  return { source: { kind: "model" as const, id }, name: own, kind, baseModelId }
}

export type ExportModel = {
  teamId: string
  modelId?: Maybe<string>
  baseModelId?: Maybe<string>
  form: ConfigOf<"exportModel">["form"]
  dataType?: Maybe<ConfigOf<"exportModel">["dataType"]>
  width?: Maybe<number>
  height?: Maybe<number>
  batch?: Maybe<number>
}

export async function exportModel(context: Context, input: ExportModel): Promise<Run> {
  const { teamId, form, dataType, width, height, batch } = input
  requireRole(context, teamId, "EDITOR")
  const { source, name, kind, baseModelId } = await sourceOf(context, teamId, input)
  const isLoraForm = loraForms.some((own) => own === form)
  if (kind === "EMBEDDING") throw new InputError("An embedding is one file already; download it.", "modelId")
  if (isLoraForm !== (kind === "LORA"))
    throw new InputError(
      kind === "LORA"
        ? `A LoRA is exported as ${loraForms.join(", ")}; merge it into its base model for the others.`
        : `Only a LoRA is exported as ${form}.`,
      "form",
    )
  const config = checkedConfig(transferRunConfig, {
    ...{ kind: "exportModel" as const, source, form },
    ...present({ dataType, width, height, batch }),
  })
  return queueTransfer(context, teamId, `Export ${name} as ${form}`, config, baseModelId)
}

export type MergeLoras = {
  teamId: string
  name: string
  modelId?: Maybe<string>
  baseModelId?: Maybe<string>
  loras: readonly GivenLora[]
}

/** The merged model appears when the run has succeeded. */
export async function mergeLoras(context: Context, input: MergeLoras): Promise<Run> {
  const { teamId } = input
  requireRole(context, teamId, "EDITOR")
  const { source, kind, baseModelId } = await sourceOf(context, teamId, input)
  if (kind !== "FULL") throw new InputError("LoRAs are merged into a whole model; this is none.", "modelId")
  const name = checkedName(input.name)
  const loras = await lorasOf(context, teamId, input.loras)
  const config = checkedConfig(transferRunConfig, { kind: "mergeLoras", source, loras, modelId: randomUUID(), name })
  return queueTransfer(context, teamId, `Merge into ${name}`, config, baseModelId)
}

export type CreateRandomModel = { teamId: string; name: string; shape: ConfigOf<"newModel">["shape"]; seed: number }

/** The model appears when the run has succeeded. */
export async function createRandomModel(context: Context, { teamId, shape, seed, ...given }: CreateRandomModel) {
  requireRole(context, teamId, "EDITOR")
  const name = checkedName(given.name)
  const config = checkedConfig(transferRunConfig, { kind: "newModel", shape, seed, modelId: randomUUID(), name })
  return queueTransfer(context, teamId, `Make ${name}`, config)
}

export type MakeGrid = {
  teamId: string
  pictures: readonly GivenPicture[]
  columns?: Maybe<number>
  format: ConfigOf<"makeGrid">["format"]
}

export async function makeGrid(context: Context, input: MakeGrid): Promise<Run> {
  const { teamId, columns, format } = input
  requireRole(context, teamId, "EDITOR")
  if (input.pictures.length > mostPictures)
    throw new InputError(
      `At most ${mostPictures} pictures fit in a grid; these are ${input.pictures.length}.`,
      "pictures",
    )
  const hashes: string[] = []
  for (const picture of input.pictures) hashes.push(await pictureHash(context, teamId, picture))
  const config = checkedConfig(transferRunConfig, { kind: "makeGrid", hashes, format, ...present({ columns }) })
  return queueTransfer(context, teamId, `Grid of ${hashes.length} pictures`, config)
}

const mostPictures = 400
