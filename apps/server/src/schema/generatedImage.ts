/** Generated images: the gallery. */

import type { Prisma } from "@fjord/db/prisma"
import { inTeam, teamIds } from "../access.ts"
import { downloadUrl, fileUrl, thumbnailUrl } from "../files/address.ts"
import { deleteGeneratedImages, galleryFilter, moveToBoard, setFavourite } from "../runs/gallery.ts"
import { imageSettings } from "../runs/imageSettings.ts"
import { type LineageShape, lineageOf } from "../runs/lineage.ts"
import { builder } from "./builder.ts"
import { BaseModel, Checkpoint, DatasetVersion, GeneratedImage, Generation, Model, TrainingRun } from "./nodes.ts"

const Lineage = builder.objectRef<LineageShape>("Lineage").implement({
  description: "What an image came from, as far back as it is known.",
  fields: (t) => ({
    generation: t.expose("generation", { type: Generation }),
    model: t.expose("model", { type: Model, nullable: true }),
    run: t.expose("run", { type: TrainingRun, nullable: true, description: "The training run behind the model." }),
    checkpoint: t.expose("checkpoint", { type: Checkpoint, nullable: true }),
    datasetVersion: t.expose("datasetVersion", { type: DatasetVersion, nullable: true }),
    baseModel: t.expose("baseModel", { type: BaseModel, nullable: true }),
  }),
})

builder.prismaObjectFields(GeneratedImage, (t) => ({
  index: t.exposeInt("index", { description: "Place within its generation, from 0." }),
  seed: t.float({ resolve: ({ seed }) => Number(seed) }),
  prompt: t.exposeString("prompt"),
  width: t.exposeInt("width"),
  height: t.exposeInt("height"),
  favourite: t.exposeBoolean("favourite"),
  board: t.relation("board", { nullable: true }),
  url: t.string({ resolve: ({ teamId, hash }, _args, context) => fileUrl(context, teamId, hash) }),
  thumbnailUrl: t.string({
    args: { size: t.arg.int({ required: true, defaultValue: 256 }) },
    resolve: ({ teamId, hash }, { size }, context) => thumbnailUrl(context, teamId, hash, size),
  }),
  downloadUrl: t.string({
    resolve: ({ teamId, hash, seed }, _args, context) => downloadUrl(context, teamId, hash, `fjord-${seed}.png`),
  }),
  settings: t.field({
    type: "JSON",
    description: "All that is needed to make it again.",
    select: { seed: true, index: true, run: { select: { config: true } } },
    resolve: imageSettings,
  }),
  generation: t.relation("run", { type: Generation }),
  lineage: t.field({
    type: Lineage,
    select: { run: { include: { baseModel: true } } },
    resolve: ({ run }, _args, { loaders }) => lineageOf(loaders, run),
  }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

builder.queryFields((t) => ({
  generatedImage: t.prismaField({
    type: GeneratedImage,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.database.generatedImage.findFirst({ ...query, where: { id, teamId: { in: teamIds(context) } } }),
  }),
  generatedImages: t.prismaConnection({
    type: GeneratedImage,
    cursor: "id",
    args: {
      teamId: t.arg.id({ required: true }),
      search: t.arg.string({ description: "Words of the prompt." }),
      favourite: t.arg.boolean(),
      boardId: t.arg.id(),
      modelId: t.arg.id({ description: "Only images that this model drew." }),
      runId: t.arg.id({ description: "Only images that this training run's models and checkpoints drew." }),
      baseModelId: t.arg.id({ description: "Only images behind which this base model stands." }),
    },
    totalCount: async (_root, args, context) =>
      context.database.generatedImage.count({
        where: { ...(await galleryFilter(context.database, args)), ...inTeam(context, args.teamId) },
      }),
    resolve: async (query, _root, args, context) => {
      const orderBy: Prisma.GeneratedImageOrderByWithRelationInput[] = [{ createdAt: "desc" }, { id: "desc" }]
      return context.database.generatedImage.findMany({
        ...query,
        where: { ...(await galleryFilter(context.database, args)), ...inTeam(context, args.teamId) },
        orderBy,
      })
    },
  }),
}))

builder.mutationFields((t) => ({
  setFavourite: t.field({
    type: [GeneratedImage],
    errors: {},
    args: { imageIds: t.arg.idList({ required: true }), favourite: t.arg.boolean({ required: true }) },
    resolve: (_root, { imageIds, favourite }, context) => setFavourite(context, imageIds, favourite),
  }),
  moveToBoard: t.field({
    type: [GeneratedImage],
    errors: {},
    args: {
      imageIds: t.arg.idList({ required: true }),
      boardId: t.arg.id({ description: "null takes them off their board." }),
    },
    resolve: (_root, { imageIds, boardId }, context) => moveToBoard(context, imageIds, boardId ?? null),
  }),
  deleteGeneratedImages: t.field({
    type: ["ID"],
    errors: {},
    args: { ids: t.arg.idList({ required: true }) },
    resolve: (_root, { ids }, context) => deleteGeneratedImages(context, ids),
  }),
}))
