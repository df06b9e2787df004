/** Presets: options of training worth keeping. */

import { requireRole } from "../access.ts"
import { deletePreset, savePreset } from "../runs/presets.ts"
import { builder } from "./builder.ts"
import { Preset } from "./nodes.ts"
import { TrainingOptionsInput } from "./options.ts"
import { most } from "./paging.ts"

builder.prismaObjectFields(Preset, (t) => ({
  name: t.exposeString("name"),
  options: t.field({ type: "JSON", resolve: ({ config }) => config }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

builder.queryField("presets", (t) =>
  t.prismaField({
    type: [Preset],
    args: { teamId: t.arg.id({ required: true }) },
    resolve: (query, _root, { teamId }, context) => {
      requireRole(context, teamId, "VIEWER")
      return context.database.preset.findMany({ ...query, where: { teamId }, orderBy: { name: "asc" }, take: most })
    },
  }),
)

builder.mutationFields((t) => ({
  savePreset: t.field({
    type: Preset,
    errors: {},
    description: "Keeps options under a name; a preset of that name is replaced.",
    args: {
      teamId: t.arg.id({ required: true }),
      name: t.arg.string({ required: true }),
      options: t.arg({ type: TrainingOptionsInput, required: true }),
    },
    resolve: (_root, args, context) => savePreset(context, args),
  }),
  deletePreset: t.field({
    type: "ID",
    errors: {},
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => deletePreset(context, id),
  }),
}))
