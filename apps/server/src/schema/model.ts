/** Models: publishable results of training. */

import { ModelKind } from "@fjord/db/prisma"
import { inTeam, teamIds } from "../access.ts"
import { fileUrl } from "../files/address.ts"
import { deleteModel, updateModel } from "../models/models.ts"
import { builder } from "./builder.ts"
import { Model, TrainingRun } from "./nodes.ts"
import { containing, given } from "./paging.ts"

const ModelKindEnum = builder.enumType(ModelKind, { name: "ModelKind" })

const ModelFile = builder.prismaObject("ModelFile", {
  description: "A file of a model.",
  fields: (t) => ({
    path: t.exposeString("path"),
    byteSize: t.float({
      select: { file: { select: { byteSize: true } } },
      resolve: ({ file }) => Number(file.byteSize),
    }),
    hash: t.exposeString("hash"),
    url: t.string({
      select: { hash: true, model: { select: { teamId: true } } },
      resolve: ({ hash, model }, _args, context) => fileUrl(context, model.teamId, hash),
    }),
  }),
})

builder.prismaObjectFields(Model, (t) => ({
  name: t.exposeString("name"),
  kind: t.expose("kind", { type: ModelKindEnum }),
  step: t.exposeInt("step", { nullable: true }),
  run: t.relation("run", { type: TrainingRun, nullable: true }),
  baseModel: t.relation("baseModel", { nullable: true }),
  instancePrompt: t.exposeString("instancePrompt", { nullable: true }),
  hubId: t.exposeString("hubId", { nullable: true, description: "Where it is published." }),
  hubRevision: t.exposeString("hubRevision", { nullable: true }),
  files: t.relation("files", { type: ModelFile, query: { orderBy: { path: "asc" }, take: 1000 } }),
  byteSize: t.float({ resolve: async ({ id }, _args, { loaders }) => (await loaders.modelBytes(id)) ?? 0 }),
  card: t.relation("card", { nullable: true }),
  downloadUrl: t.string({ resolve: ({ id }) => `/models/${id}.zip` }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
  updatedAt: t.expose("updatedAt", { type: "DateTime" }),
}))

builder.queryFields((t) => ({
  model: t.prismaField({
    type: Model,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.database.model.findFirst({ ...query, where: { id, teamId: { in: teamIds(context) } } }),
  }),
  models: t.prismaConnection({
    type: Model,
    cursor: "id",
    args: { teamId: t.arg.id({ required: true }), search: t.arg.string() },
    totalCount: (_root, { teamId, search }, context) =>
      context.database.model.count({ where: given({ ...inTeam(context, teamId), name: containing(search) }) }),
    resolve: (query, _root, { teamId, search }, context) => {
      const where = given({ ...inTeam(context, teamId), name: containing(search) })
      return context.database.model.findMany({ ...query, where, orderBy: [{ createdAt: "desc" }, { id: "desc" }] })
    },
  }),
}))

builder.mutationFields((t) => ({
  updateModel: t.field({
    type: Model,
    errors: {},
    args: { id: t.arg.id({ required: true }), name: t.arg.string(), instancePrompt: t.arg.string() },
    resolve: (_root, { id, ...changes }, context) => updateModel(context, id, given(changes)),
  }),
  deleteModel: t.field({
    type: "ID",
    errors: {},
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => deleteModel(context, id),
  }),
}))
