/** Webhooks: addresses that are told of events of runs. */

import { createWebhook, deleteWebhook, updateWebhook } from "../sharing/webhooks.ts"
import { builder } from "./builder.ts"
import { Webhook, WebhookDelivery } from "./nodes.ts"
import { given } from "./paging.ts"

builder.prismaObjectFields(WebhookDelivery, (t) => ({
  runId: t.exposeID("runId"),
  seq: t.exposeInt("seq"),
  attempts: t.exposeInt("attempts"),
  status: t.exposeInt("status", { nullable: true, description: "The receiver's HTTP status." }),
  problem: t.exposeString("problem", { nullable: true }),
  deliveredAt: t.expose("deliveredAt", { type: "DateTime", nullable: true }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

builder.prismaObjectFields(Webhook, (t) => ({
  url: t.exposeString("url"),
  events: t.exposeStringList("events", { description: "Types of events, e.g. StatusChanged." }),
  active: t.exposeBoolean("active"),
  deliveries: t.relation("deliveries", { type: WebhookDelivery, query: { orderBy: { createdAt: "desc" }, take: 50 } }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

const CreatedWebhook = builder.objectRef<Awaited<ReturnType<typeof createWebhook>>>("CreatedWebhook").implement({
  fields: (t) => ({
    webhook: t.field({ type: Webhook, resolve: ({ webhook }) => webhook }),
    secret: t.exposeString("secret", { description: "Key of the signatures; shown this once." }),
  }),
})

builder.mutationFields((t) => ({
  createWebhook: t.field({
    type: CreatedWebhook,
    errors: {},
    args: {
      teamId: t.arg.id({ required: true }),
      url: t.arg.string({ required: true }),
      events: t.arg.stringList({ required: true }),
    },
    resolve: (_root, args, context) => createWebhook(context, args),
  }),
  updateWebhook: t.field({
    type: Webhook,
    errors: {},
    args: {
      id: t.arg.id({ required: true }),
      url: t.arg.string(),
      events: t.arg.stringList(),
      active: t.arg.boolean(),
    },
    resolve: (_root, { id, ...changes }, context) => updateWebhook(context, id, given(changes)),
  }),
  deleteWebhook: t.field({
    type: "ID",
    errors: {},
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => deleteWebhook(context, id),
  }),
}))
