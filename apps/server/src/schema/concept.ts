/** Concepts: what a model is to learn. */

import { inTeam, teamIds } from "../access.ts"
import { createConcept, deleteConcept, updateConcept } from "../datasets/concepts.ts"
import { createSampleConcept } from "../datasets/sampleConcept.ts"
import { builder } from "./builder.ts"
import { Concept, TrainingRun } from "./nodes.ts"
import { containing, given, most } from "./paging.ts"

builder.prismaObjectFields(Concept, (t) => ({
  name: t.exposeString("name"),
  identifier: t.exposeString("identifier", { description: "Rare word that stands for the subject, e.g. sks." }),
  classNoun: t.exposeString("classNoun", { description: "What it is, e.g. toy." }),
  instancePrompt: t.string({ resolve: ({ identifier, classNoun }) => `a photo of ${identifier} ${classNoun}` }),
  classPrompt: t.string({ resolve: ({ classNoun }) => `a photo of a ${classNoun}` }),
  dataset: t.relation("dataset", { nullable: true }),
  runs: t.relation("runs", { type: TrainingRun, query: { orderBy: { createdAt: "desc" }, take: most } }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
  updatedAt: t.expose("updatedAt", { type: "DateTime" }),
}))

builder.queryFields((t) => ({
  concept: t.prismaField({
    type: Concept,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.database.concept.findFirst({ ...query, where: { id, teamId: { in: teamIds(context) } } }),
  }),
  concepts: t.prismaConnection({
    type: Concept,
    cursor: "id",
    args: { teamId: t.arg.id({ required: true }), search: t.arg.string() },
    totalCount: (_root, { teamId, search }, context) =>
      context.database.concept.count({ where: given({ ...inTeam(context, teamId), name: containing(search) }) }),
    resolve: (query, _root, { teamId, search }, context) => {
      const where = given({ ...inTeam(context, teamId), name: containing(search) })
      return context.database.concept.findMany({ ...query, where, orderBy: [{ createdAt: "desc" }, { id: "desc" }] })
    },
  }),
}))

const CreateConceptInput = builder.inputType("CreateConceptInput", {
  fields: (t) => ({
    teamId: t.id({ required: true }),
    name: t.string({ required: true }),
    identifier: t.string({ required: true }),
    classNoun: t.string({ required: true }),
    datasetId: t.id(),
  }),
})

builder.mutationFields((t) => ({
  createConcept: t.field({
    type: Concept,
    errors: {},
    args: { input: t.arg({ type: CreateConceptInput, required: true }) },
    resolve: (_root, { input }, context) => createConcept(context, input),
  }),
  updateConcept: t.field({
    type: Concept,
    errors: {},
    args: {
      id: t.arg.id({ required: true }),
      name: t.arg.string(),
      identifier: t.arg.string(),
      classNoun: t.arg.string(),
      datasetId: t.arg.id({ description: "null takes the data set away." }),
    },
    resolve: (_root, { id, ...changes }, context) => updateConcept(context, id, changes),
  }),
  deleteConcept: t.field({
    type: "ID",
    errors: {},
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => deleteConcept(context, id),
  }),
  createSampleConcept: t.field({
    type: Concept,
    errors: {},
    description: "A concept with pictures that ship with Fjord, to try everything at once.",
    args: { teamId: t.arg.id({ required: true }) },
    resolve: (_root, { teamId }, context) => createSampleConcept(context, teamId),
  }),
}))
