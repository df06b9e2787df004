/** Checkpoints: saved steps of training runs. */

import { promoteCheckpoint } from "../models/models.ts"
import { builder } from "./builder.ts"
import { Checkpoint, Model, TrainingRun } from "./nodes.ts"

builder.prismaObjectFields(Checkpoint, (t) => ({
  step: t.exposeInt("step"),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
  run: t.relation("run", { type: TrainingRun }),
  byteSize: t.float({ resolve: async ({ id }, _args, { loaders }) => (await loaders.checkpointBytes(id)) ?? 0 }),
  downloadUrl: t.string({ resolve: ({ id, runId }) => `/runs/${runId}/checkpoints/${id}.zip` }),
  model: t.field({
    type: Model,
    nullable: true,
    description: "The model that it was promoted to.",
    resolve: ({ runId, step }, _args, { loaders }) =>
      loaders.modelOfStep(`${runId} ${step}`).then((model) => model ?? null),
  }),
}))

builder.mutationField("promoteCheckpoint", (t) =>
  t.field({
    type: Model,
    errors: {},
    description: "Makes a model of a checkpoint; its files follow when the worker has written them.",
    args: { checkpointId: t.arg.id({ required: true }), name: t.arg.string({ required: true }) },
    resolve: (_root, { checkpointId, name }, context) => promoteCheckpoint(context, checkpointId, name),
  }),
)
