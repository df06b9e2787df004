/** Runs: what training, generation and transfers have in common. */

import { failure, type PhaseProgress, phaseProgress, phaseText } from "@fjord/contracts"
import { aliveSeconds } from "@fjord/db"
import { RunKind, RunStatus } from "@fjord/db/prisma"
import { requireRole, teamIds } from "../access.ts"
import { cancelRun, deleteRun, resumeRun, retryRun, sampleNow, saveNow, updateRun } from "../runs/actions.ts"
import { isAlive, shownStatus } from "../runs/alive.ts"
import { eventsAfter, loggedEvents } from "../runs/events.ts"
import { type WaitingShape, waitingOf } from "../runs/waiting.ts"
import { builder } from "./builder.ts"
import { Run } from "./nodes.ts"
import { TrainingOptionsInput } from "./options.ts"
import { given, most } from "./paging.ts"
import { RunEvent } from "./runEvent.ts"
import { RunFile } from "./runFile.ts"

const RunKindEnum = builder.enumType(RunKind, { name: "RunKind" })
export const RunStatusEnum = builder.enumType(RunStatus, { name: "RunStatus" })

const Failure = builder.objectRef<{ message: string; cause: string; advice: string }>("Failure").implement({
  description: "Why a run failed: what happened, why, and what to do.",
  fields: (t) => ({
    message: t.exposeString("message"),
    cause: t.exposeString("cause"),
    advice: t.exposeString("advice"),
  }),
})

const RunPhase = builder.objectRef<PhaseProgress>("RunPhase").implement({
  description: "What a run does while it makes no steps: before the first, between two of them, after the last.",
  fields: (t) => ({
    name: t.exposeString("phase"),
    text: t.string({
      description: 'For people, with the count: "Drawing class pictures, 12 of 40".',
      resolve: phaseText,
    }),
    done: t.exposeFloat("done", { nullable: true, description: "Of `total`; a half is a thing half done." }),
    total: t.exposeInt("total", { nullable: true }),
  }),
})

const RunWaiting = builder.objectRef<WaitingShape>("RunWaiting").implement({
  description: "What a queued run waits for.",
  fields: (t) => ({
    ahead: t.exposeInt("ahead", { description: "How many runs are taken before it, of all teams." }),
    workers: t.exposeInt("workers", { description: "How many workers are alive." }),
  }),
})

const bytes = (value: bigint | null) => (value === null ? null : Number(value))

builder.prismaInterfaceFields(Run, (t) => ({
  id: t.exposeID("id"),
  name: t.exposeString("name"),
  kind: t.expose("kind", { type: RunKindEnum }),
  status: t.field({
    type: RunStatusEnum,
    description: `RUNNING only while its worker lives: ${aliveSeconds} seconds after its last sign of life the run is QUEUED again.`,
    resolve: (run, _args, context) => shownStatus(run, context),
  }),
  alive: t.boolean({
    description: `Whether a worker gave a sign of life within ${aliveSeconds} seconds.`,
    resolve: (run, _args, context) => isAlive(run, context),
  }),
  heartbeatAgeSeconds: t.float({
    nullable: true,
    resolve: ({ heartbeatAt }, _args, { databaseNow }) =>
      heartbeatAt === null ? null : (databaseNow() - heartbeatAt.getTime()) / 1000,
  }),
  attempt: t.exposeInt("attempt", { description: "How often a worker has taken it up." }),
  worker: t.relation("worker", { nullable: true }),
  team: t.relation("team"),
  config: t.expose("config", { type: "JSON" }),
  priority: t.exposeInt("priority"),
  step: t.exposeInt("step"),
  totalSteps: t.exposeInt("totalSteps", { nullable: true }),
  loss: t.exposeFloat("loss", { nullable: true }),
  etaSeconds: t.exposeFloat("etaSeconds", { nullable: true }),
  phase: t.field({
    type: RunPhase,
    nullable: true,
    description: "null while it makes steps, and while it does not run.",
    resolve: (run, _args, context) =>
      run.phase !== null && isAlive(run, context) ? phaseProgress.parse(run.phase) : null,
  }),
  waiting: t.field({
    type: RunWaiting,
    nullable: true,
    description: "null for a run that is not queued.",
    resolve: (run, _args, context) => waitingOf(run, context),
  }),
  queuedAt: t.expose("queuedAt", { type: "DateTime" }),
  startedAt: t.expose("startedAt", { type: "DateTime", nullable: true }),
  endedAt: t.expose("endedAt", { type: "DateTime", nullable: true }),
  cancelRequestedAt: t.expose("cancelRequestedAt", { type: "DateTime", nullable: true }),
  failure: t.field({
    type: Failure,
    nullable: true,
    resolve: (run) => (run.failure === null ? null : failure.parse(run.failure)),
  }),
  createdBy: t.relation("createdBy", { nullable: true }),
  estimateBytes: t.float({ nullable: true, resolve: ({ estimateBytes }) => bytes(estimateBytes) }),
  peakBytes: t.float({ nullable: true, resolve: ({ peakBytes }) => bytes(peakBytes) }),
  estimateSeconds: t.exposeFloat("estimateSeconds", { nullable: true }),
  measuredSeconds: t.exposeFloat("measuredSeconds", { nullable: true }),
  favourite: t.exposeBoolean("favourite"),
  notes: t.exposeString("notes"),
  lastSeq: t.exposeInt("lastSeq", { description: "Number of its latest event." }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
  files: t.relation("files", {
    type: RunFile,
    description: "What it has made to be downloaded; kept until the run is deleted.",
    query: { orderBy: { path: "asc" }, take: most },
  }),
  downloadUrl: t.string({ description: "All its files as a ZIP file.", resolve: ({ id }) => `/runs/${id}/files.zip` }),
  events: t.field({
    type: [RunEvent],
    description: "Events in order, from `after` on; at most 1000 at once.",
    args: {
      after: t.arg.int({ required: true, defaultValue: 0 }),
      first: t.arg.int({ required: true, defaultValue: most }),
    },
    resolve: ({ id }, { after, first }, { database }) => eventsAfter(database, id, after, first),
  }),
  log: t.field({
    type: [RunEvent],
    description: "What is worth a line to read: no single steps, samples or class images.",
    args: {
      after: t.arg.int({ required: true, defaultValue: 0 }),
      first: t.arg.int({ required: true, defaultValue: most }),
    },
    resolve: ({ id }, { after, first }, { database }) => eventsAfter(database, id, after, first, loggedEvents),
  }),
}))

builder.queryFields((t) => ({
  run: t.prismaField({
    type: Run,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.database.run.findFirst({ ...query, where: { id, teamId: { in: teamIds(context) } } }),
  }),
  activeRuns: t.prismaField({
    type: [Run],
    description: "The team's queued and running runs, the latest first.",
    args: { teamId: t.arg.id({ required: true }) },
    resolve: (query, _root, { teamId }, context) => {
      requireRole(context, teamId, "VIEWER")
      const where = { teamId, status: { in: ["QUEUED" as const, "RUNNING" as const] } }
      return context.database.run.findMany({ ...query, where, orderBy: { queuedAt: "desc" }, take: most })
    },
  }),
}))

builder.mutationFields((t) => ({
  cancelRun: t.field({
    type: Run,
    errors: {},
    description: "Asks the run to stop; it is CANCELLED once it has stopped computing.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, args, context) => cancelRun(context, args.id),
  }),
  resumeRun: t.field({
    type: Run,
    errors: {},
    description: "Goes on with a failed or cancelled run from its last checkpoint.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, args, context) => resumeRun(context, args.id),
  }),
  retryRun: t.field({
    type: Run,
    errors: {},
    description: "A new run like an ended one, with other options where some are given.",
    args: { id: t.arg.id({ required: true }), options: t.arg({ type: TrainingOptionsInput }) },
    resolve: (_root, args, context) => retryRun(context, args.id, args.options ?? {}),
  }),
  saveNow: t.field({
    type: Run,
    errors: {},
    description: "Asks a running training run for a checkpoint at its next step.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, args, context) => saveNow(context, args.id),
  }),
  sampleNow: t.field({
    type: Run,
    errors: {},
    description: "Asks a running training run for samples at its next step.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, args, context) => sampleNow(context, args.id),
  }),
  updateRun: t.field({
    type: Run,
    errors: {},
    args: {
      id: t.arg.id({ required: true }),
      name: t.arg.string(),
      notes: t.arg.string(),
      favourite: t.arg.boolean(),
    },
    resolve: (_root, { id: runId, ...changes }, context) => updateRun(context, runId, given(changes)),
  }),
  deleteRun: t.field({
    type: "ID",
    errors: {},
    description: "Deletes an ended run with its events, checkpoints, samples and images.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, args, context) => deleteRun(context, args.id),
  }),
}))
