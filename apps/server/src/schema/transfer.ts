/** Transfers: runs that move files to and from the Hub and into the studio. */

import { inTeam, teamIds } from "../access.ts"
import { whereStatus } from "../runs/alive.ts"
import { transferConfigOf } from "../runs/config.ts"
import { importModel, pullDataset, pushDataset, pushModel } from "../runs/transfers.ts"
import { builder } from "./builder.ts"
import { Transfer } from "./nodes.ts"
import { RunStatusEnum } from "./run.ts"

const TransferKind = builder.enumType("TransferKind", {
  values: ["pushModel", "pushDataset", "pullDataset", "importModel", "promoteCheckpoint"] as const,
})

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
    description: "The Dataset, Model or BaseModel that it concerns.",
    resolve: ({ config }) => {
      const transfer = transferConfigOf(config)
      if ("datasetId" in transfer) return transfer.datasetId
      return "modelId" in transfer ? transfer.modelId : transfer.baseModelId
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
    },
    resolve: (_root, args, context) => pushDataset(context, args),
  }),
  pullDataset: t.field({
    type: Transfer,
    errors: {},
    description: "Fetches a data set of the Hub into a new data set.",
    args: {
      teamId: t.arg.id({ required: true }),
      hubId: t.arg.string({ required: true }),
      name: t.arg.string({ description: "Absent means the Hub's name." }),
      revision: t.arg.string(),
      split: t.arg.string({ description: "Absent means train, or the only one." }),
      captionColumn: t.arg.string({ description: "Absent means text, caption or prompt, whichever there is." }),
    },
    resolve: (_root, args, context) => pullDataset(context, args),
  }),
  importModel: t.field({
    type: Transfer,
    errors: {},
    description: "Fetches the files of a base model from the Hub or a folder, and checks them.",
    args: { baseModelId: t.arg.id({ required: true }) },
    resolve: (_root, { baseModelId }, context) => importModel(context, baseModelId),
  }),
}))
