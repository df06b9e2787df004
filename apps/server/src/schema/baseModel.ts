/** Base models: what training and generation start from. */

import type { ModelSettings } from "@fjord/contracts"
import { BaseModelSource } from "@fjord/db/prisma"
import { inTeam, teamIds } from "../access.ts"
import { addBaseModel, deleteBaseModel, readiness } from "../models/baseModels.ts"
import { settingsOf } from "../models/modelSettings.ts"
import { builder } from "./builder.ts"
import { BaseModel, TrainingRun } from "./nodes.ts"
import { containing, given, most } from "./paging.ts"

const ModelSettingsType = builder.objectRef<ModelSettings>("ModelSettings").implement({
  description:
    "Options that suit a model where the usual defaults do not; those that it does not name are the usual ones.",
  fields: (t) => ({
    lora: t.field({
      type: "JSON",
      description: "For training a LoRA, by the names of TrainingOptionsInput.",
      resolve: ({ training }) => training.lora,
    }),
    full: t.field({
      type: "JSON",
      description: "For training the whole UNet, by the names of TrainingOptionsInput.",
      resolve: ({ training }) => training.full,
    }),
    generation: t.field({
      type: "JSON",
      description: "steps, guidanceScale and scheduler.",
      resolve: ({ generation }) => generation,
    }),
  }),
})

const BaseModelSourceEnum = builder.enumType(BaseModelSource, { name: "BaseModelSource" })

builder.prismaObjectFields(BaseModel, (t) => ({
  name: t.exposeString("name"),
  source: t.expose("source", { type: BaseModelSourceEnum }),
  location: t.exposeString("location", {
    description: "A folder on the workers' machines, a Hub id, or the id of a Model.",
  }),
  revision: t.exposeString("revision", { nullable: true, description: "The Hub commit it is pinned to." }),
  family: t.exposeString("family", { nullable: true, description: "sd1, sd2, sd2v, sdxl or starter." }),
  licence: t.exposeString("licence", { nullable: true }),
  resolution: t.exposeInt("resolution", { nullable: true }),
  byteSize: t.float({ nullable: true, resolve: ({ byteSize }) => (byteSize === null ? null : Number(byteSize)) }),
  ready: t.boolean({
    description: "Whether a run can start from it now.",
    resolve: async (model, _args, context) => (await readiness(context, model)).ready,
  }),
  problem: t.string({
    nullable: true,
    description: "Why it is not ready.",
    resolve: async (model, _args, context) => (await readiness(context, model)).problem ?? null,
  }),

  settings: t.field({
    type: ModelSettingsType,
    description: "What suits it; a program that starts runs passes these as options, as the dashboard does.",
    resolve: settingsOf,
  }),
  runs: t.relation("runs", {
    type: TrainingRun,
    description: "The training runs that started from it, the latest first.",
    query: { where: { kind: "TRAINING" }, orderBy: { createdAt: "desc" }, take: most },
  }),
  models: t.relation("models", {
    description: "What was made of it, the latest first.",
    query: { orderBy: { createdAt: "desc" }, take: most },
  }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

builder.queryFields((t) => ({
  baseModel: t.prismaField({
    type: BaseModel,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.database.baseModel.findFirst({ ...query, where: { id, teamId: { in: teamIds(context) } } }),
  }),
  baseModels: t.prismaConnection({
    type: BaseModel,
    cursor: "id",
    args: { teamId: t.arg.id({ required: true }), search: t.arg.string() },
    totalCount: (_root, { teamId, search }, context) =>
      context.database.baseModel.count({ where: given({ ...inTeam(context, teamId), name: containing(search) }) }),
    resolve: (query, _root, { teamId, search }, context) => {
      const where = given({ ...inTeam(context, teamId), name: containing(search) })
      return context.database.baseModel.findMany({ ...query, where, orderBy: [{ createdAt: "desc" }, { id: "desc" }] })
    },
  }),
}))

builder.mutationFields((t) => ({
  addBaseModel: t.field({
    type: BaseModel,
    errors: {},
    args: {
      teamId: t.arg.id({ required: true }),
      source: t.arg({ type: BaseModelSourceEnum, required: true }),
      location: t.arg.string({
        required: true,
        description: "A folder, a Hub id or the id of a Model; for STARTER, `starter`.",
      }),
      revision: t.arg.string({ description: "A commit, branch or tag of the Hub." }),
      name: t.arg.string({ description: "Absent means the location's last part." }),
    },
    resolve: (_root, args, context) => addBaseModel(context, args),
  }),
  deleteBaseModel: t.field({
    type: "ID",
    errors: {},
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => deleteBaseModel(context, id),
  }),
}))
