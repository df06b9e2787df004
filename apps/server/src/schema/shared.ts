/** What the holder of a share link sees: types of their own, so that nothing else can be reached from them. */

import type { SharedBoard, SharedImage, SharedModelCard, SharedRun, SharedThing } from "../sharing/shared.ts"
import { sharedThing } from "../sharing/shared.ts"
import { builder } from "./builder.ts"
import { RunStatusEnum } from "./run.ts"

const SharedImageType = builder.objectRef<SharedImage>("SharedImage").implement({
  fields: (t) => ({
    prompt: t.exposeString("prompt"),
    seed: t.exposeFloat("seed"),
    step: t.exposeInt("step", { nullable: true, description: "Of samples, as is `promptIndex`." }),
    promptIndex: t.exposeInt("promptIndex", { nullable: true }),
    width: t.exposeInt("width", { nullable: true }),
    height: t.exposeInt("height", { nullable: true }),
    url: t.exposeString("url"),
    thumbnailUrl: t.exposeString("thumbnailUrl"),
  }),
})

const SharedModelCardType = builder.objectRef<SharedModelCard>("SharedModelCard").implement({
  fields: (t) => ({
    name: t.exposeString("name"),
    markdown: t.exposeString("markdown"),
    instancePrompt: t.exposeString("instancePrompt", { nullable: true }),
    baseModelName: t.exposeString("baseModelName", { nullable: true }),
    hubId: t.exposeString("hubId", { nullable: true }),
    samples: t.expose("samples", { type: [SharedImageType] }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
  }),
})

const SharedMetric = builder.objectRef<SharedRun["metrics"][number]>("SharedMetric").implement({
  fields: (t) => ({
    step: t.exposeInt("step"),
    loss: t.exposeFloat("loss"),
    learningRate: t.exposeFloat("learningRate"),
  }),
})

const SharedRunType = builder.objectRef<SharedRun>("SharedRun").implement({
  fields: (t) => ({
    name: t.exposeString("name"),
    status: t.expose("status", { type: RunStatusEnum }),
    options: t.expose("options", { type: "JSON" }),
    step: t.exposeInt("step"),
    totalSteps: t.exposeInt("totalSteps", { nullable: true }),
    startedAt: t.expose("startedAt", { type: "DateTime", nullable: true }),
    endedAt: t.expose("endedAt", { type: "DateTime", nullable: true }),
    metrics: t.expose("metrics", { type: [SharedMetric] }),
    images: t.expose("images", { type: [SharedImageType] }),
  }),
})

const SharedBoardType = builder.objectRef<SharedBoard>("SharedBoard").implement({
  fields: (t) => ({ name: t.exposeString("name"), images: t.expose("images", { type: [SharedImageType] }) }),
})

const typeNames = { MODEL_CARD: "SharedModelCard", RUN: "SharedRun", BOARD: "SharedBoard" } as const

const SharedThingType = builder.unionType("SharedThing", {
  types: [SharedModelCardType, SharedRunType, SharedBoardType],
  resolveType: ({ kind }: SharedThing) => typeNames[kind],
})

builder.queryField("shared", (t) =>
  t.field({
    type: SharedThingType,
    nullable: true,
    skipTypeScopes: true,
    description: "The thing behind a share link; null when the link is unknown, revoked or expired.",
    args: { token: t.arg.string({ required: true }) },
    resolve: (_root, { token }, context) => sharedThing(context, token),
  }),
)
