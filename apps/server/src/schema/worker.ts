/** Workers and the machines they run on. */

import { teamIds } from "../access.ts"
import { whereStatus, workerAlive } from "../runs/alive.ts"
import { type Device, deviceOf } from "../runs/device.ts"
import { followWorkers, recentWorkers } from "../runs/followWorkers.ts"
import { builder } from "./builder.ts"
import { Run, Worker } from "./nodes.ts"

const JudgedJob = builder.objectRef<Device["jobs"][number]>("JudgedJob").implement({
  description: "A usual job, and whether a machine's memory holds it.",
  fields: (t) => ({ job: t.exposeString("job"), bytes: t.exposeFloat("bytes"), can: t.exposeBoolean("can") }),
})

builder.prismaObjectFields(Worker, (t) => ({
  name: t.exposeString("name"),
  host: t.exposeString("host"),
  version: t.exposeString("version"),
  provider: t.exposeString("provider", { description: "Execution provider of ONNX Runtime that computes." }),
  threads: t.exposeInt("threads"),
  memoryBytes: t.float({ resolve: ({ memoryBytes }) => Number(memoryBytes) }),
  device: t.expose("device", { type: "JSON", description: "All that the worker has told of its machine." }),
  platform: t.string({ nullable: true, resolve: (worker) => deviceOf(worker).platform }),
  node: t.string({ nullable: true, description: "Version of Node.", resolve: (worker) => deviceOf(worker).node }),
  processor: t.string({ nullable: true, resolve: (worker) => deviceOf(worker).processor }),
  cores: t.int({ nullable: true, resolve: (worker) => deviceOf(worker).cores }),
  freeMemoryBytes: t.float({
    nullable: true,
    description: "Half a minute ago or less, while it is alive.",
    resolve: (worker) => deviceOf(worker).freeMemoryBytes,
  }),
  freeDiskBytes: t.float({
    nullable: true,
    description: "Of the disk on which its runs are computed; half a minute ago or less, while it is alive.",
    resolve: (worker) => deviceOf(worker).freeDiskBytes,
  }),
  providers: t.stringList({
    description: "The execution providers that its ONNX Runtime has.",
    resolve: (worker) => deviceOf(worker).providers,
  }),
  jobs: t.field({
    type: [JudgedJob],
    description: "Which of the usual jobs its memory holds; empty until it has measured its machine.",
    resolve: (worker) => deviceOf(worker).jobs,
  }),
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
