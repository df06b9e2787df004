/** How much room a team's files take. */

import { type StorageShape, storageOf } from "../files/storage.ts"
import { builder } from "./builder.ts"

const Storage = builder.objectRef<StorageShape>("Storage").implement({
  description: "Bytes by kind. The same bytes are stored once but counted in each kind; `total` counts them once.",
  fields: (t) => ({
    datasets: t.exposeFloat("datasets"),
    checkpoints: t.exposeFloat("checkpoints"),
    samples: t.exposeFloat("samples"),
    models: t.exposeFloat("models"),
    generatedImages: t.exposeFloat("generatedImages"),
    downloads: t.exposeFloat("downloads", { description: "What transfers have left to be downloaded." }),
    total: t.exposeFloat("total"),
  }),
})

builder.queryField("storage", (t) =>
  t.field({
    type: Storage,
    args: { teamId: t.arg.id({ required: true }) },
    resolve: (_root, { teamId }, context) => storageOf(context, teamId),
  }),
)
