/** Workers and the machines they run on. */

import { teamIds } from "../access.ts"
import { whereStatus, workerAlive } from "../runs/alive.ts"
import { followWorkers, recentWorkers } from "../runs/followWorkers.ts"
import { builder } from "./builder.ts"
import { Run, Worker } from "./nodes.ts"

builder.prismaObjectFields(Worker, (t) => ({
  name: t.exposeString("name"),
  host: t.exposeString("host"),
  version: t.exposeString("version"),
  provider: t.exposeString("provider", { description: "Execution provider of ONNX Runtime that computes." }),
  threads: t.exposeInt("threads"),
  memoryBytes: t.float({ resolve: ({ memoryBytes }) => Number(memoryBytes) }),
  device: t.expose("device", { type: "JSON", description: "What `fjord doctor` says of the machine." }),
  alive: t.boolean({ resolve: (worker, _args, context) => workerAlive(worker, context) }),
  startedAt: t.expose("startedAt", { type: "DateTime" }),
  heartbeatAt: t.expose("heartbeatAt", { type: "DateTime" }),
  currentRun: t.prismaField({
    type: Run,
    nullable: true,
    description: "What it computes; null where that is another team's.",
    resolve: (query, { id }, _args, context) =>
      context.database.run.findFirst({
        ...query,
        where: { workerId: id, ...whereStatus("RUNNING", context), teamId: { in: teamIds(context) } },
      }),
  }),
}))

builder.queryField("workers", (t) =>
  t.prismaField({
    type: [Worker],
    description: "Those that are alive, and those that were within the last day.",
    resolve: (query, _root, _args, { database }) => recentWorkers(database, query),
  }),
)

builder.subscriptionField("workersChanged", (t) =>
  t.field({
    type: [Worker],
    description: "All workers, whenever one comes, goes or takes something up.",
    subscribe: (_root, _args, context) => followWorkers(context),
    resolve: (workers) => workers,
  }),
)
