/** Model cards: README.md of a model, kept in versions. */

import { type CardProblemShape, cardProblems, draftModelCard, mostOfCard, saveModelCard } from "../models/modelCards.ts"
import { checkedText } from "../text.ts"
import { builder } from "./builder.ts"
import { ModelCard, ModelCardVersion } from "./nodes.ts"
import { most } from "./paging.ts"

builder.prismaObjectFields(ModelCardVersion, (t) => ({
  number: t.exposeInt("number"),
  markdown: t.exposeString("markdown", { description: "README.md as the Hub shows it, front matter included." }),
  hubRevision: t.exposeString("hubRevision", { nullable: true, description: "The Hub commit that published it." }),
  createdBy: t.relation("createdBy", { nullable: true }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

const CardProblem = builder.objectRef<CardProblemShape>("CardProblem").implement({
  description: "What the Hub or a reader would miss in a card.",
  fields: (t) => ({
    level: t.exposeString("level", {
      description: "An `error` would break something on the Hub; a `warning` loses something.",
    }),
    field: t.exposeString("field", { nullable: true, description: "The key of the front matter concerned." }),
    message: t.exposeString("message"),
  }),
})

const latest = { orderBy: { number: "desc" }, take: 1 } as const

builder.prismaObjectFields(ModelCard, (t) => ({
  versions: t.relation("versions", { query: { orderBy: { number: "desc" }, take: most } }),
  latest: t.prismaField({
    type: ModelCardVersion,
    nullable: true,
    resolve: (query, { id }, _args, { database }) =>
      database.modelCardVersion.findFirst({ ...query, where: { cardId: id }, orderBy: latest.orderBy }),
  }),
  problems: t.field({
    type: [CardProblem],
    select: { versions: latest },
    resolve: ({ versions }) => cardProblems(versions[0]?.markdown ?? ""),
  }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

builder.queryField("checkModelCard", (t) =>
  t.field({
    type: [CardProblem],
    description: "What would be wrong with a card that is not saved yet.",
    args: { markdown: t.arg.string({ required: true }) },
    resolve: (_root, { markdown }) => cardProblems(checkedText(markdown, "markdown", mostOfCard)),
  }),
)

builder.mutationFields((t) => ({
  saveModelCard: t.field({
    type: ModelCardVersion,
    errors: {},
    args: { modelId: t.arg.id({ required: true }), markdown: t.arg.string({ required: true }) },
    resolve: (_root, { modelId, markdown }, context) => saveModelCard(context, modelId, markdown),
  }),
  draftModelCard: t.field({
    type: "String",
    errors: {},
    description: "A card made from what Fjord knows of the model; it is not saved.",
    args: { modelId: t.arg.id({ required: true }) },
    resolve: (_root, { modelId }, context) => draftModelCard(context, modelId),
  }),
}))
