/** Events of runs, and following them live. */

import { signedIn } from "../access.ts"
import type { RunEventShape } from "../runs/events.ts"
import { followRun, type RunEventBatchShape } from "../runs/followRun.ts"
import { builder } from "./builder.ts"
import { Run } from "./nodes.ts"

export const RunEvent = builder.objectRef<RunEventShape>("RunEvent").implement({
  description: "Something that happened in a run; what `data` holds depends on `type`.",
  fields: (t) => ({
    seq: t.exposeInt("seq", {
      nullable: true,
      description: "Its place in the run from 1; null for a preview, which is not kept.",
    }),
    type: t.exposeString("type"),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    data: t.expose("data", { type: "JSON", description: "All of the event, `type` included." }),
  }),
})

const RunEventBatch = builder.objectRef<RunEventBatchShape>("RunEventBatch").implement({
  description: "Events in order, and the run as it is after them.",
  fields: (t) => ({
    events: t.expose("events", { type: [RunEvent] }),
    merged: t.exposeInt("merged", {
      description:
        "How many StepFinished events were left out, because this client reads slower than they come; `TrainingRun.metrics` has them all.",
    }),
    run: t.prismaField({
      type: Run,
      resolve: (query, { runId }, _args, { database }) =>
        database.run.findUniqueOrThrow({ ...query, where: { id: runId } }),
    }),
  }),
})

builder.subscriptionField("runEvents", (t) =>
  t.field({
    type: RunEventBatch,
    description: "The events after number `after`, then those that come; ends after the last event of an ended run.",
    args: { runId: t.arg.id({ required: true }), after: t.arg.int({ required: true, defaultValue: 0 }) },
    subscribe: (_root, { runId, after }, context) => {
      signedIn(context)
      return followRun(context, runId, after)
    },
    resolve: (batch) => batch,
  }),
)
