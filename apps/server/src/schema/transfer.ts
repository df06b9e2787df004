/** Transfers: runs that move files to and from the Hub and into the studio. */

import { modelVariants } from "@fjord/contracts"
import { inTeam, teamIds } from "../access.ts"
import { whereStatus } from "../runs/alive.ts"
import { transferConfigOf } from "../runs/config.ts"
import { importModel, pullDataset, pullModel, pushDataset, pushModel } from "../runs/transfers.ts"
import { builder } from "./builder.ts"
import { Transfer } from "./nodes.ts"
import { RunStatusEnum } from "./run.ts"

const TransferKind = builder.enumType("TransferKind", {
  values: [
    "pushModel",
    "pushDataset",
    "pullDataset",
    "pullModel",
    "importModel",
    "promoteCheckpoint",
    "importFile",
    "exportModel",
    "mergeLoras",
    "newModel",
    "makeGrid",
  ] as const,
})

const ModelVariant = builder.enumType("ModelVariant", { values: modelVariants })

builder.prismaObjectFields(Transfer, (t) => ({
  transferKind: t.field({ type: TransferKind, resolve: ({ config }) => transferConfigOf(config).kind }),
  repo: t.string({
    nullable: true,
    description: "The Hub repository.",
    resolve: ({ config }) => {
      const transfer = transferConfigOf(config)
      return "repo" in transfer ? transfer.repo : null
    },
  }),
  targetId: t.id({
    nullable: true,
    description: "The Dataset, Model or BaseModel that it concerns; one that it makes is there once it has succeeded.",
    resolve: ({ config }) => {
      const transfer = transferConfigOf(config)
      if ("datasetId" in transfer) return transfer.datasetId
      if ("modelId" in transfer) return transfer.modelId
      if (transfer.kind === "importModel") return transfer.baseModelId
      return transfer.kind === "exportModel" ? transfer.source.id : null
    },
  }),
}))

builder.queryFields((t) => ({
  transfer: t.prismaField({
    type: Transfer,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.database.run.findFirst({ ...query, where: { id, kind: "TRANSFER", teamId: { in: teamIds(context) } } }),
  }),
  transfers: t.prismaConnection({
    type: Transfer,
    cursor: "id",
    args: { teamId: t.arg.id({ required: true }), status: t.arg({ type: RunStatusEnum }) },
    totalCount: (_root, { teamId, status }, context) =>
      context.database.run.count({
        where: { kind: "TRANSFER", ...whereStatus(status, context), ...inTeam(context, teamId) },
      }),
    resolve: (query, _root, { teamId, status }, context) => {
      const where = { kind: "TRANSFER" as const, ...whereStatus(status, context), ...inTeam(context, teamId) }
      return context.database.run.findMany({ ...query, where, orderBy: [{ createdAt: "desc" }, { id: "desc" }] })
    },
  }),
}))

builder.mutationFields((t) => ({
  pushModel: t.field({
    type: Transfer,
    errors: {},
    description: "Publishes a model with its card at the Hub, as whoever asks.",
    args: {
      modelId: t.arg.id({ required: true }),
      repo: t.arg.string({ required: true, description: "user/name" }),
      private: t.arg.boolean({ required: true }),
    },
    resolve: (_root, args, context) => pushModel(context, args),
  }),
  pushDataset: t.field({
    type: Transfer,
    errors: {},
    args: {
      datasetId: t.arg.id({ required: true }),
      repo: t.arg.string({ required: true, description: "user/name" }),
      private: t.arg.boolean({ required: true }),
      split: t.arg.string({ description: "Absent means train; the repository's other splits stay." }),
      licence: t.arg.string({ description: "Identifier of a licence, e.g. cc-by-4.0." }),
      captions: t.arg.boolean({ required: true, defaultValue: true, description: "false leaves the captions out." }),
    },
    resolve: (_root, args, context) => pushDataset(context, args),
  }),
  pullDataset: t.field({
    type: Transfer,
    errors: {},
    description: "Fetches a data set of the Hub, which becomes a new data set.",
    args: {
      teamId: t.arg.id({ required: true }),
      hubId: t.arg.string({ required: true }),
      name: t.arg.string({ description: "Absent means the Hub's name, with a number where it is taken." }),
      revision: t.arg.string(),
      split: t.arg.string({ description: "Absent means train, or the only one." }),
      config: t.arg.string({ description: "Configuration in the data set's README; absent means its default one." }),
      captionColumn: t.arg.string({ description: "Absent means text, caption or prompt, whichever there is." }),
      imageColumn: t.arg.string({ description: "Column of the pictures; absent means the first one of pictures." }),
    },
    resolve: (_root, args, context) => pullDataset(context, args),
  }),
  pullModel: t.field({
    type: Transfer,
    errors: {},
    description:
      "Fetches a LoRA, an embedding or a whole model of the Hub, which becomes a new model; a whole one a base model too.",
    args: {
      teamId: t.arg.id({ required: true }),
      hubId: t.arg.string({ required: true, description: "user/name" }),
      name: t.arg.string({ description: "Absent means the Hub's name." }),
      revision: t.arg.string({ description: "A commit, branch or tag; absent means main." }),
      variant: t.arg({ type: ModelVariant, description: "fp16: the half-precision copy of a whole model's weights." }),
      file: t.arg.string({ description: "The .safetensors file that is meant, where there are several." }),
      baseModelId: t.arg.id({
        description: "What a LoRA is for; absent means the team's base model that the repository's card names.",
      }),
    },
    resolve: (_root, args, context) => pullModel(context, args),
  }),
  importModel: t.field({
    type: Transfer,
    errors: {},
    description: "Fetches the files of a base model from the Hub or a folder, and checks them.",
    args: { baseModelId: t.arg.id({ required: true }) },
    resolve: (_root, { baseModelId }, context) => importModel(context, baseModelId),
  }),
}))
