/** Data sets and their versions. */

import { inTeam, teamIds } from "../access.ts"
import { createDataset, deleteDataset, renameDataset } from "../datasets/datasets.ts"
import { type DatasetWarningShape, datasetWarnings } from "../datasets/warnings.ts"
import { builder } from "./builder.ts"
import { WarningKind } from "./image.ts"
import { Dataset, DatasetVersion, Run } from "./nodes.ts"
import { containing, given, most } from "./paging.ts"

const DatasetWarning = builder.objectRef<DatasetWarningShape>("DatasetWarning").implement({
  description: "What may spoil training with this data set, counted over its images.",
  fields: (t) => ({
    kind: t.expose("kind", { type: WarningKind }),
    message: t.exposeString("message"),
    fix: t.exposeString("fix", { description: "What to do." }),
    imageIds: t.exposeIDList("imageIds", { description: "The images concerned." }),
  }),
})

builder.prismaObjectFields(DatasetVersion, (t) => ({
  number: t.exposeInt("number"),
  hash: t.exposeString("hash", { description: "SHA-256 of its manifest." }),
  dataset: t.relation("dataset"),
  imageCount: t.int({ resolve: ({ manifest }) => (Array.isArray(manifest) ? manifest.length : 0) }),
  manifest: t.expose("manifest", { type: "JSON", description: "[{ hash, name, caption }]" }),
  runs: t.relation("runs", { type: Run, query: { orderBy: { createdAt: "desc" }, take: most } }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

builder.prismaObjectFields(Dataset, (t) => ({
  name: t.exposeString("name"),
  hubId: t.exposeString("hubId", {
    nullable: true,
    description: "The Hub repository it was last pulled from or pushed to.",
  }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
  updatedAt: t.expose("updatedAt", { type: "DateTime" }),
  imageCount: t.int({ resolve: ({ id }, _args, { loaders }) => loaders.datasetImages(id).then((count) => count ?? 0) }),
  byteSize: t.float({ resolve: async ({ id }, _args, { loaders }) => (await loaders.datasetBytes(id)) ?? 0 }),
  images: t.relatedConnection("images", {
    cursor: "id",
    totalCount: true,
    args: { search: t.arg.string() },
    query: ({ search }) => ({
      where: search ? { OR: [given({ name: containing(search) }), given({ caption: containing(search) })] } : {},
      orderBy: [{ createdAt: "asc" as const }, { id: "asc" as const }],
    }),
  }),
  versions: t.relation("versions", { query: { orderBy: { number: "desc" }, take: most } }),
  concepts: t.relation("concepts", { query: { orderBy: { createdAt: "desc" }, take: most } }),
  warnings: t.field({
    type: [DatasetWarning],
    resolve: ({ id }, _args, context) => datasetWarnings(context, id),
  }),
  downloadUrl: t.string({
    description: "Its pictures and captions as a ZIP file.",
    resolve: ({ id }) => `/datasets/${id}.zip`,
  }),
}))

builder.queryFields((t) => ({
  dataset: t.prismaField({
    type: Dataset,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.database.dataset.findFirst({ ...query, where: { id, teamId: { in: teamIds(context) } } }),
  }),
  datasets: t.prismaConnection({
    type: Dataset,
    cursor: "id",
    args: { teamId: t.arg.id({ required: true }), search: t.arg.string() },
    totalCount: (_root, { teamId, search }, context) =>
      context.database.dataset.count({ where: given({ ...inTeam(context, teamId), name: containing(search) }) }),
    resolve: (query, _root, { teamId, search }, context) => {
      const where = given({ ...inTeam(context, teamId), name: containing(search) })
      return context.database.dataset.findMany({ ...query, where, orderBy: [{ createdAt: "desc" }, { id: "desc" }] })
    },
  }),
}))

builder.mutationFields((t) => ({
  createDataset: t.field({
    type: Dataset,
    errors: {},
    args: { teamId: t.arg.id({ required: true }), name: t.arg.string({ required: true }) },
    resolve: (_root, args, context) => createDataset(context, args),
  }),
  renameDataset: t.field({
    type: Dataset,
    errors: {},
    args: { id: t.arg.id({ required: true }), name: t.arg.string({ required: true }) },
    resolve: (_root, { id, name }, context) => renameDataset(context, id, name),
  }),
  deleteDataset: t.field({
    type: "ID",
    errors: {},
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => deleteDataset(context, id),
  }),
}))
