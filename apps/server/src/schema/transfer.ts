/** Transfers: runs that move files to and from the Hub and into the studio. */

import { inTeam, teamIds } from "../access.ts"
import { downloadUrl } from "../files/address.ts"
import { whereStatus } from "../runs/alive.ts"
import { transferConfigOf } from "../runs/config.ts"
import { importModel, pullDataset, pushDataset, pushModel } from "../runs/transfers.ts"
import { builder } from "./builder.ts"
import { Transfer } from "./nodes.ts"
import { RunStatusEnum } from "./run.ts"

const TransferKind = builder.enumType("TransferKind", {
  values: [
    "pushModel",
    "pushDataset",
    "pullDataset",
    "importModel",
    "promoteCheckpoint",
    "importFile",
    "exportModel",
    "mergeLoras",
    "makeGrid",
  ] as const,
})

const RunFile = builder.prismaObject("RunFile", {
  description: "A file that a transfer has made to be downloaded.",
  fields: (t) => ({
    path: t.exposeString("path"),
    hash: t.exposeString("hash"),
    byteSize: t.float({
      select: { file: { select: { byteSize: true } } },
      resolve: ({ file }) => Number(file.byteSize),
    }),
    url: t.string({
      select: { hash: true, path: true, run: { select: { teamId: true } } },
      resolve: ({ hash, path, run }, _args, context) =>
        downloadUrl(context, run.teamId, hash, path.slice(path.lastIndexOf("/") + 1)),
    }),
  }),
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
  files: t.relation("files", {
    type: RunFile,
    description: "What it has made to be downloaded; kept until the transfer is deleted.",
    query: { orderBy: { path: "asc" }, take: 1000 },
  }),
  downloadUrl: t.string({ description: "All its files as a ZIP file.", resolve: ({ id }) => `/runs/${id}/files.zip` }),
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
