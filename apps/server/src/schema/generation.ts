/** Generations: runs that make images from a prompt. */

import { inTeam, teamIds } from "../access.ts"
import { whereStatus } from "../runs/alive.ts"
import { generationConfigOf } from "../runs/config.ts"
import { generateImages } from "../runs/generateImages.ts"
import { type StartPicture, startPictureOf } from "../runs/startPicture.ts"
import { builder } from "./builder.ts"
import { Checkpoint, GeneratedImage, Generation, Image, Model } from "./nodes.ts"
import { GenerationOptionsInput } from "./options.ts"
import { containing, given, most } from "./paging.ts"
import { RunStatusEnum } from "./run.ts"

type Lora = { kind: "model" | "checkpoint"; id: string; weight: number }

const LoraType = builder.objectRef<Lora>("Lora").implement({
  description: "A LoRA that took part, with its weight.",
  fields: (t) => ({
    weight: t.exposeFloat("weight"),
    model: t.field({
      type: Model,
      nullable: true,
      resolve: ({ kind, id }, _args, { loaders }) =>
        kind === "model" ? loaders.model(id).then((row) => row ?? null) : null,
    }),
    checkpoint: t.field({
      type: Checkpoint,
      nullable: true,
      resolve: ({ kind, id }, _args, { loaders }) =>
        kind === "checkpoint" ? loaders.checkpoint(id).then((row) => row ?? null) : null,
    }),
  }),
})

const EmbeddingType = builder.objectRef<{ id: string; token: string }>("Embedding").implement({
  description: "A textual-inversion embedding that took part.",
  fields: (t) => ({
    token: t.exposeString("token", { description: "The word that stood for it in the prompt." }),
    model: t.field({
      type: Model,
      nullable: true,
      resolve: ({ id }, _args, { loaders }) => loaders.model(id).then((row) => row ?? null),
    }),
  }),
})

const ImageToImage = builder.objectRef<StartPicture>("ImageToImage").implement({
  description: "The picture that a generation started from: whichever of the two the team still has.",
  fields: (t) => ({
    strength: t.exposeFloat("strength", { description: "1 keeps nothing of the picture." }),
    generatedImage: t.field({ type: GeneratedImage, nullable: true, resolve: ({ generatedImage }) => generatedImage }),
    image: t.field({ type: Image, nullable: true, resolve: ({ image }) => image }),
  }),
})

builder.prismaObjectFields(Generation, (t) => ({
  images: t.relation("generatedImages", { query: { orderBy: { index: "asc" }, take: most } }),
  baseModel: t.relation("baseModel", { nullable: true }),
  model: t.field({
    type: Model,
    nullable: true,
    description: "The trained model that drew, where one did.",
    resolve: ({ config }, _args, { loaders }) => {
      const { generator } = generationConfigOf(config)
      return generator.kind === "model" ? loaders.model(generator.id).then((row) => row ?? null) : null
    },
  }),
  checkpoint: t.field({
    type: Checkpoint,
    nullable: true,
    description: "The checkpoint that drew, where one did.",
    resolve: ({ config }, _args, { loaders }) => {
      const { generator } = generationConfigOf(config)
      return generator.kind === "checkpoint" ? loaders.checkpoint(generator.id).then((row) => row ?? null) : null
    },
  }),
  prompt: t.string({ resolve: ({ config }) => generationConfigOf(config).options.prompt }),
  loras: t.field({ type: [LoraType], resolve: ({ config }) => generationConfigOf(config).loras }),
  embeddings: t.field({ type: [EmbeddingType], resolve: ({ config }) => generationConfigOf(config).embeddings }),
  imageToImage: t.field({
    type: ImageToImage,
    nullable: true,
    description: "null where it started from noise.",
    resolve: (run, _args, { database }) => startPictureOf(database, run),
  }),
}))

builder.queryFields((t) => ({
  generation: t.prismaField({
    type: Generation,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.database.run.findFirst({ ...query, where: { id, kind: "GENERATION", teamId: { in: teamIds(context) } } }),
  }),
  generations: t.prismaConnection({
    type: Generation,
    cursor: "id",
    args: { teamId: t.arg.id({ required: true }), status: t.arg({ type: RunStatusEnum }), search: t.arg.string() },
    totalCount: (_root, { teamId, status, search }, context) =>
      context.database.run.count({
        where: {
          kind: "GENERATION",
          ...whereStatus(status, context),
          ...given({ ...inTeam(context, teamId), name: containing(search) }),
        },
      }),
    resolve: (query, _root, { teamId, status, search }, context) => {
      const where = {
        kind: "GENERATION" as const,
        ...whereStatus(status, context),
        ...given({ ...inTeam(context, teamId), name: containing(search) }),
      }
      return context.database.run.findMany({ ...query, where, orderBy: [{ createdAt: "desc" }, { id: "desc" }] })
    },
  }),
}))

export const LoraInput = builder.inputType("LoraInput", {
  description: "Exactly one of `modelId` and `checkpointId`.",
  fields: (t) => ({ modelId: t.id(), checkpointId: t.id(), weight: t.float({ defaultValue: 1 }) }),
})

export const EmbeddingInput = builder.inputType("EmbeddingInput", {
  description: "A model that is a textual-inversion embedding.",
  fields: (t) => ({
    modelId: t.id({ required: true }),
    token: t.string({ description: "The word that stands for it in the prompt; absent means its own." }),
  }),
})

const ImageToImageInput = builder.inputType("ImageToImageInput", {
  description: "The picture to start from: exactly one of `imageId` and `generatedImageId`.",
  fields: (t) => ({
    imageId: t.id(),
    generatedImageId: t.id(),
    strength: t.float({ required: true, description: "1 keeps nothing of the picture." }),
  }),
})

const GenerateImagesInput = builder.inputType("GenerateImagesInput", {
  description: "Exactly one of `baseModelId`, `modelId` and `checkpointId` draws.",
  fields: (t) => ({
    teamId: t.id({ required: true }),
    name: t.string({ description: "Absent means the prompt's first words." }),
    baseModelId: t.id(),
    modelId: t.id(),
    checkpointId: t.id(),
    loras: t.field({ type: [LoraInput] }),
    embeddings: t.field({ type: [EmbeddingInput] }),
    options: t.field({ type: GenerationOptionsInput, required: true }),
    boardId: t.id({ description: "The board that receives the images." }),
    imageToImage: t.field({ type: ImageToImageInput }),
    saveLatents: t.boolean({
      description: "Keep the final latents of all images as one of the generation's `files`, latents.safetensors.",
    }),
    priority: t.int({ description: "Higher ones go first; 0 is usual." }),
  }),
})

builder.mutationField("generateImages", (t) =>
  t.field({
    type: Generation,
    errors: {},
    args: { input: t.arg({ type: GenerateImagesInput, required: true }) },
    resolve: (_root, { input }, context) => generateImages(context, input),
  }),
)
