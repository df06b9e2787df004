/** Training runs with what they leave behind. */

import { noModelSettings } from "@fjord/contracts"
import { inTeam, teamIds } from "../access.ts"
import { settingsOf } from "../models/modelSettings.ts"
import { differencesFromDefaults } from "../options.ts"
import { whereStatus } from "../runs/alive.ts"
import { optionsOf } from "../runs/config.ts"
import { type Accuracy, accuracyOf, type Forecast, forecastTraining, ratio } from "../runs/forecast.ts"
import { bestStep, type MetricShape, metricsOf } from "../runs/metrics.ts"
import { startTraining } from "../runs/startTraining.ts"
import { builder } from "./builder.ts"
import { Run, TrainingRun } from "./nodes.ts"
import { TrainingOptionsInput } from "./options.ts"
import { containing, given, most } from "./paging.ts"
import { RunStatusEnum } from "./run.ts"

const Metric = builder.objectRef<MetricShape>("Metric").implement({
  description: "The numbers of one optimiser step.",
  fields: (t) => ({
    step: t.exposeInt("step"),
    loss: t.exposeFloat("loss"),
    instanceLoss: t.exposeFloat("instanceLoss", { nullable: true }),
    priorLoss: t.exposeFloat("priorLoss", { nullable: true }),
    learningRate: t.exposeFloat("learningRate"),
    gradNorm: t.exposeFloat("gradNorm"),
    secondsPerStep: t.exposeFloat("secondsPerStep"),
    residentBytes: t.exposeFloat("residentBytes"),
  }),
})

const OptionDifference = builder
  .objectRef<ReturnType<typeof differencesFromDefaults>[number]>("OptionDifference")
  .implement({
    fields: (t) => ({
      name: t.exposeString("name"),
      value: t.expose("value", { type: "JSON", nullable: true }),
      default: t.expose("default", { type: "JSON", nullable: true }),
    }),
  })

const BestStep = builder.objectRef<{ step: number; loss: number }>("BestStep").implement({
  description: "The step whose mean loss over the 20 steps up to it is the lowest.",
  fields: (t) => ({ step: t.exposeInt("step"), loss: t.exposeFloat("loss") }),
})

const ForecastAccuracy = builder.objectRef<Accuracy>("ForecastAccuracy").implement({
  description:
    "What was foretold of a run before its start, beside what it took. A ratio of 1.2 means a fifth more than foretold.",
  fields: (t) => ({
    estimatedSeconds: t.exposeFloat("estimatedSeconds", { nullable: true }),
    actualSeconds: t.exposeFloat("actualSeconds"),
    secondsRatio: t.float({ nullable: true, resolve: (it) => ratio(it.actualSeconds, it.estimatedSeconds) }),
    estimatedBytes: t.exposeFloat("estimatedBytes", { nullable: true }),
    actualBytes: t.exposeFloat("actualBytes", { nullable: true }),
    bytesRatio: t.float({ nullable: true, resolve: (it) => ratio(it.actualBytes, it.estimatedBytes) }),
  }),
})

builder.prismaObjectFields(TrainingRun, (t) => ({
  forecastAccuracy: t.field({
    type: ForecastAccuracy,
    nullable: true,
    description: "How right the forecast was; null until the run has succeeded.",
    resolve: accuracyOf,
  }),
  concept: t.relation("concept", { nullable: true }),
  datasetVersion: t.relation("datasetVersion", { nullable: true }),
  baseModel: t.relation("baseModel", { nullable: true }),
  parent: t.relation("parent", { type: Run, nullable: true, description: "The run that this one retries." }),
  retries: t.relation("retries", { type: Run, query: { orderBy: { createdAt: "desc" }, take: most } }),
  metrics: t.field({
    type: [Metric],
    description: "At most `maxPoints` (5000) steps, evenly spread; every row is one that was measured.",
    args: {
      maxPoints: t.arg.int({ required: true, defaultValue: 1000 }),
      from: t.arg.int({ description: "The first step wanted." }),
      to: t.arg.int({ description: "The last step wanted." }),
    },
    resolve: ({ id }, range, { database }) => metricsOf(database, id, range),
  }),
  checkpoints: t.relation("checkpoints", { query: { orderBy: { step: "asc" }, take: most } }),
  samples: t.relation("samples", { query: { orderBy: [{ step: "asc" }, { promptIndex: "asc" }], take: 2000 } }),
  models: t.relation("models", { query: { orderBy: { createdAt: "desc" }, take: most } }),
  differencesFromDefaults: t.field({
    type: [OptionDifference],
    description: "What is set to something else than suits the base model.",
    resolve: async ({ config, baseModelId }, _args, { loaders }) => {
      const options = optionsOf(config)
      const baseModel = baseModelId === null ? undefined : await loaders.baseModel(baseModelId)
      const suits = baseModel === undefined ? noModelSettings : await settingsOf(baseModel)
      return differencesFromDefaults(options, suits.training[options.method])
    },
  }),
  best: t.field({
    type: BestStep,
    nullable: true,
    resolve: ({ id }, _args, { database }) => bestStep(database, id),
  }),
}))

builder.queryFields((t) => ({
  trainingRun: t.prismaField({
    type: TrainingRun,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.database.run.findFirst({ ...query, where: { id, kind: "TRAINING", teamId: { in: teamIds(context) } } }),
  }),
  trainingRuns: t.prismaConnection({
    type: TrainingRun,
    cursor: "id",
    args: { teamId: t.arg.id({ required: true }), status: t.arg({ type: RunStatusEnum }), search: t.arg.string() },
    totalCount: (_root, { teamId, status, search }, context) =>
      context.database.run.count({
        where: {
          kind: "TRAINING",
          ...whereStatus(status, context),
          ...given({ ...inTeam(context, teamId), name: containing(search) }),
        },
      }),
    resolve: (query, _root, { teamId, status, search }, context) => {
      const where = {
        kind: "TRAINING" as const,
        ...whereStatus(status, context),
        ...given({ ...inTeam(context, teamId), name: containing(search) }),
      }
      return context.database.run.findMany({ ...query, where, orderBy: [{ createdAt: "desc" }, { id: "desc" }] })
    },
  }),
}))

const StartTrainingInput = builder.inputType("StartTrainingInput", {
  description: "Give `conceptId`, `datasetId` or both.",
  fields: (t) => ({
    teamId: t.id({ required: true }),
    name: t.string({ description: "Absent means made from the concept and the method." }),
    conceptId: t.id(),
    datasetId: t.id({ description: "Absent means the concept's." }),
    baseModelId: t.id({ required: true }),
    options: t.field({ type: TrainingOptionsInput }),
    priority: t.int({ description: "Higher ones go first; 0 is usual." }),
  }),
})

const ForecastType = builder.objectRef<Forecast>("Forecast").implement({
  description: "What a training run would need.",
  fields: (t) => ({
    steps: t.exposeInt("steps"),
    seconds: t.exposeFloat("seconds", { nullable: true }),
    memoryBytes: t.exposeFloat("memoryBytes", { nullable: true }),
    fits: t.exposeBoolean("fits", {
      nullable: true,
      description: "Whether a worker that is alive has that much memory.",
    }),
    diskBytes: t.exposeFloat("diskBytes", {
      nullable: true,
      description: "The most that result and checkpoints take on the worker's disk at a time.",
    }),
    fitsOnDisk: t.exposeBoolean("fitsOnDisk", {
      nullable: true,
      description: "Whether a worker that is alive has that much room.",
    }),
    basis: t.exposeString("basis", { description: "What the figures come from." }),
    problems: t.exposeStringList("problems", { description: "Why it could not start as it is." }),
  }),
})

builder.queryField("forecast", (t) =>
  t.field({
    type: ForecastType,
    args: { input: t.arg({ type: StartTrainingInput, required: true }) },
    resolve: (_root, { input }, context) => forecastTraining(context, input),
  }),
)

builder.mutationField("startTraining", (t) =>
  t.field({
    type: TrainingRun,
    errors: {},
    args: { input: t.arg({ type: StartTrainingInput, required: true }) },
    resolve: (_root, { input }, context) => startTraining(context, input),
  }),
)
