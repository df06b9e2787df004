/** Transfers that need no Hub: imports of files, exports, merged LoRAs and grids. */

import { loraForms, modelShapes, pipelineForms, predictionTypes, weightTypes } from "@fjord/contracts"
import { createRandomModel, exportModel, importFile, makeGrid, mergeLoras } from "../runs/conversions.ts"
import { builder } from "./builder.ts"
import { LoraInput } from "./generation.ts"
import { Transfer } from "./nodes.ts"

const WeightType = builder.enumType("WeightType", { description: "float32, float16, bfloat16.", values: weightTypes })
const PredictionType = builder.enumType("PredictionType", { values: predictionTypes })

const ExportForm = builder.enumType("ExportForm", {
  description: "Of a whole model: SINGLE_FILE for A1111 and ComfyUI, ONNX for Optimum, FP16. Of a LoRA: the others.",
  values: Object.fromEntries(
    [...pipelineForms, ...loraForms].map((form) => [form.toUpperCase().replaceAll("-", "_"), { value: form }]),
  ) as Record<string, { value: (typeof pipelineForms)[number] | (typeof loraForms)[number] }>,
})

const ModelShape = builder.enumType("ModelShape", {
  description: "Those of Stable Diffusion 1.5 and 2.1, and one of 4 MB.",
  values: modelShapes,
})

const GridFormat = builder.enumType("GridFormat", { values: ["png", "jpeg"] as const })

const GridPictureInput = builder.inputType("GridPictureInput", {
  description: "Exactly one of them.",
  fields: (t) => ({ imageId: t.id(), generatedImageId: t.id(), sampleId: t.id() }),
})

builder.mutationFields((t) => ({
  importFile: t.field({
    type: Transfer,
    errors: {},
    description:
      "Makes a model of a file that was sent to an address of `requestModelUpload`: a checkpoint, a LoRA or an embedding.",
    args: {
      uploadId: t.arg.id({ required: true }),
      name: t.arg.string({ description: "Absent means the file's." }),
      baseModelId: t.arg.id({
        description: "One of the same architecture: gives a checkpoint its scheduler and tokenizer; a LoRA is for it.",
      }),
      tokenizerOf: t.arg.id({ description: "A base model that gives a checkpoint its tokenizer alone." }),
      predictionType: t.arg({ type: PredictionType, description: "Of a checkpoint, where Fjord finds out wrongly." }),
      dataType: t.arg({ type: WeightType, description: "Of a checkpoint's weights; absent means the file's." }),
      adapterConfig: t.arg({
        type: "JSON",
        description: "adapter_config.json of a PEFT adapter, whose alpha its file does not say.",
      }),
    },
    resolve: (_root, args, context) => importFile(context, args),
  }),
  exportModel: t.field({
    type: Transfer,
    errors: {},
    description: "Writes a model in another program's form; the transfer's `files` are to be downloaded then.",
    args: {
      teamId: t.arg.id({ required: true }),
      modelId: t.arg.id({ description: "This or `baseModelId`." }),
      baseModelId: t.arg.id(),
      form: t.arg({ type: ExportForm, required: true }),
      dataType: t.arg({ type: WeightType, description: "Of a single file's weights; absent means as stored." }),
      width: t.arg.int({ description: "The only one that ONNX models take; absent means the model's own." }),
      height: t.arg.int({ description: "The only one that ONNX models take; absent means the model's own." }),
      batch: t.arg.int({ description: "Rows of the ONNX UNet; 2 is one image with guidance." }),
    },
    resolve: (_root, args, context) => exportModel(context, args),
  }),
  mergeLoras: t.field({
    type: Transfer,
    errors: {},
    description: "Merges LoRAs into the weights of a whole model, which becomes a new model.",
    args: {
      teamId: t.arg.id({ required: true }),
      name: t.arg.string({ required: true, description: "Of the new model." }),
      modelId: t.arg.id({ description: "This or `baseModelId`." }),
      baseModelId: t.arg.id(),
      loras: t.arg({ type: [LoraInput], required: true }),
    },
    resolve: (_root, args, context) => mergeLoras(context, args),
  }),
  createRandomModel: t.field({
    type: Transfer,
    errors: {},
    description:
      "Makes a model of random weights in the real shapes, for benchmarks and tests; it is a base model too.",
    args: {
      teamId: t.arg.id({ required: true }),
      name: t.arg.string({ required: true }),
      shape: t.arg({ type: ModelShape, required: true }),
      seed: t.arg.float({ required: true, defaultValue: 0, description: "The same seed makes the same bytes." }),
    },
    resolve: (_root, args, context) => createRandomModel(context, args),
  }),
  makeGrid: t.field({
    type: Transfer,
    errors: {},
    description: "Pastes pictures into one contact sheet; the transfer's `files` are to be downloaded then.",
    args: {
      teamId: t.arg.id({ required: true }),
      pictures: t.arg({ type: [GridPictureInput], required: true, description: "Row by row; at most 400." }),
      columns: t.arg.int({ description: "Absent means nearly square." }),
      format: t.arg({ type: GridFormat, required: true, defaultValue: "png" }),
    },
    resolve: (_root, args, context) => makeGrid(context, args),
  }),
}))
