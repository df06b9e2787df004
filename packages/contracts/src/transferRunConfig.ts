/** What the row of a transfer asks for: files that move to or from the Hub, into another form, or into the studio. */

import { z } from "zod"
import { fileHash } from "./datasetManifest.ts"
import { modelFileContents } from "./modelFile.ts"
import { loraOnTop } from "./runConfig.ts"

const id = () => z.string().min(1)
const hubId = () => z.string().regex(/^[\w.-]+(\/[\w.-]+)?$/, "is not a Hub id like user/name")

export const weightTypes = ["F32", "F16", "BF16"] as const
/** Stored precisions of a model of the Hub besides the default one. */
export const modelVariants = ["fp16"] as const
/** Models of random weights: their architectures. */
export const modelShapes = ["sd15", "sd21", "tiny"] as const
export const predictionTypes = ["epsilon", "v_prediction"] as const
/** Forms of a whole model, then those of a LoRA. */
export const pipelineForms = ["single-file", "onnx", "fp16"] as const
export const loraForms = ["kohya", "peft", "diffusers"] as const

const dataType = () => z.enum(weightTypes).optional()

/** adapter_config.json of PEFT. */
export const adapterConfig = z.record(z.string(), z.json())

/** A base model, or a model of the studio. */
const source = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("baseModel"), id: id() }),
  z.strictObject({ kind: z.literal("model"), id: id() }),
])

const side = () => z.int().min(8).max(4096).multipleOf(8).optional()

/** The Hub's token is that of the run's creator. A `modelId` or `datasetId` that does not exist yet is made with the run's end. */
export const transferRunConfig = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("pushModel"), modelId: id(), repo: hubId(), private: z.boolean() }),
  z.strictObject({
    kind: z.literal("pushDataset"),
    datasetId: id(),
    repo: hubId(),
    private: z.boolean(),
    split: z
      .string()
      .regex(/^\w+(?:\.\w+)*$/, "is no name of a split; use letters, digits and _")
      .max(100)
      .optional(),
    licence: z.string().min(1).max(100).optional(),
    captions: z.boolean().default(true),
  }),
  /** A data set of the Hub becomes the new data set `datasetId`. */
  z.strictObject({
    kind: z.literal("pullDataset"),
    datasetId: id(),
    /** The repository's, if absent. */
    name: z.string().optional(),
    repo: hubId(),
    revision: z.string().max(200).optional(),
    split: z.string().max(100).optional(),
    /** Of the data set's README. */
    config: z.string().max(100).optional(),
    captionColumn: z.string().max(200).optional(),
    imageColumn: z.string().max(200).optional(),
  }),
  /** A model of the Hub, a LoRA most often, becomes the new model `modelId`. */
  z.strictObject({
    kind: z.literal("pullModel"),
    repo: hubId(),
    revision: z.string().max(200).optional(),
    variant: z.enum(modelVariants).optional(),
    /** Of several weights the one that is meant. */
    file: z.string().max(300).optional(),
    modelId: id(),
    name: z.string(),
    /** What a LoRA is for; a base model of the team that the repository's card names, if absent. */
    baseModelId: id().optional(),
  }),
  /** Into the base model `baseModelId`, which the asker has made: fetched once, with its weights checked. */
  z.strictObject({ kind: z.literal("importModel"), baseModelId: id() }),
  /** Gives the model `modelId`, which the asker has made without files, the files of a checkpoint. */
  z.strictObject({ kind: z.literal("promoteCheckpoint"), checkpointId: id(), modelId: id() }),
  /** The uploaded file becomes the new model `modelId`. */
  z.strictObject({
    kind: z.literal("importFile"),
    uploadId: id(),
    hash: fileHash,
    fileName: z.string(),
    contents: modelFileContents,
    modelId: id(),
    name: z.string(),
    /** Of the same architecture: its scheduler and tokenizer are taken, and a LoRA is for it. */
    baseModelId: id().optional(),
    /** The base model whose tokenizer is taken. */
    tokenizerOf: id().optional(),
    predictionType: z.enum(predictionTypes).optional(),
    dataType: dataType(),
    /** Of a PEFT adapter, beside whose file it lies: the file does not say its alpha. */
    adapterConfig: adapterConfig.optional(),
  }),
  /** Random weights in the real shapes become the new model `modelId`: for benchmarks and tests. */
  z.strictObject({
    kind: z.literal("newModel"),
    shape: z.enum(modelShapes),
    seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
    modelId: id(),
    name: z.string(),
  }),
  /** Leaves files to be downloaded. */
  z.strictObject({
    kind: z.literal("exportModel"),
    source,
    form: z.enum([...pipelineForms, ...loraForms]),
    /** Of a single file. */
    dataType: dataType(),
    /** Of ONNX: pixels, and rows of the UNet. */
    width: side(),
    height: side(),
    batch: z.int().min(1).max(64).optional(),
  }),
  /** The weights of `source` with LoRAs merged into them become the new model `modelId`. */
  z.strictObject({
    kind: z.literal("mergeLoras"),
    source,
    loras: z.array(loraOnTop).min(1).max(32),
    modelId: id(),
    name: z.string(),
  }),
  /** One picture of many, row by row; nearly square where `columns` is absent. */
  z.strictObject({
    kind: z.literal("makeGrid"),
    hashes: z.array(fileHash).min(1).max(400),
    columns: z.int().min(1).max(400).optional(),
    format: z.enum(["png", "jpeg"]),
  }),
])

export type TransferRunConfig = z.infer<typeof transferRunConfig>
export type TransferKind = TransferRunConfig["kind"]
