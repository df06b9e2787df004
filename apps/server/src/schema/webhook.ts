/** Webhooks: addresses that are told of events of runs. */

import { teamIds } from "../access.ts"
import type { Answer } from "../sharing/postWebhook.ts"
import {
  createWebhook,
  type DeliveryState,
  deleteWebhook,
  deliveryState,
  retryDelivery,
  testWebhook,
  updateWebhook,
  type WebhookEvent,
  webhookEvents,
} from "../sharing/webhooks.ts"
import { builder } from "./builder.ts"
import { Run, Webhook, WebhookDelivery } from "./nodes.ts"
import { given } from "./paging.ts"

const WebhookEventEnum = builder.enumType("WebhookEvent", {
  description: "Types of events that a webhook may be told of.",
  values: webhookEvents,
})

const DeliveryStateEnum = builder.enumType("WebhookDeliveryState", {
  description: "WAITING for its next attempt, DELIVERED, or GIVEN_UP after 8 attempts.",
  values: ["WAITING", "DELIVERED", "GIVEN_UP"] as const satisfies readonly DeliveryState[],
})

builder.prismaObjectFields(WebhookDelivery, (t) => ({
  runId: t.exposeID("runId"),
  run: t.field({
    type: Run,
    nullable: true,
    description: "null where it was deleted since.",
    resolve: ({ runId }, _args, { loaders }) => loaders.run(runId).then((row) => row ?? null),
  }),
  seq: t.exposeInt("seq", { description: "Number of the event within its run." }),
  event: t.field({ type: WebhookEventEnum, resolve: ({ type }) => type as WebhookEvent }),
  state: t.field({ type: DeliveryStateEnum, resolve: deliveryState }),
  attempts: t.exposeInt("attempts"),
  nextAttemptAt: t.field({
    type: "DateTime",
    nullable: true,
    resolve: (delivery) => (deliveryState(delivery) === "WAITING" ? delivery.dueAt : null),
  }),
  status: t.exposeInt("status", { nullable: true, description: "The receiver's HTTP status." }),
  problem: t.exposeString("problem", { nullable: true }),
  deliveredAt: t.expose("deliveredAt", { type: "DateTime", nullable: true }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

builder.prismaObjectFields(Webhook, (t) => ({
  url: t.exposeString("url"),
  events: t.field({ type: [WebhookEventEnum], resolve: ({ events }) => events as WebhookEvent[] }),
  active: t.exposeBoolean("active"),
  deliveries: t.relatedConnection("deliveries", {
    cursor: "id",
    totalCount: true,
    description: "Of the last 30 days, the latest first.",
    query: { orderBy: [{ createdAt: "desc" }, { id: "desc" }] },
  }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

const CreatedWebhook = builder.objectRef<Awaited<ReturnType<typeof createWebhook>>>("CreatedWebhook").implement({
  fields: (t) => ({
    webhook: t.field({ type: Webhook, resolve: ({ webhook }) => webhook }),
    secret: t.exposeString("secret", { description: "Key of the signatures; shown this once." }),
  }),
})

const WebhookTest = builder.objectRef<Answer>("WebhookTest").implement({
  description: "What came of a message that was sent to try a webhook.",
  fields: (t) => ({
    status: t.int({
      nullable: true,
      description: "The receiver's HTTP status.",
      resolve: ({ status }) => status ?? null,
    }),
    problem: t.string({
      nullable: true,
      description: "null where it was taken.",
      resolve: ({ problem }) => problem ?? null,
    }),
  }),
})

builder.queryField("webhook", (t) =>
  t.prismaField({
    type: Webhook,
    nullable: true,
    description: "One of a team's, for its owners.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.database.webhook.findFirst({ ...query, where: { id, teamId: { in: teamIds(context, "OWNER") } } }),
  }),
)

builder.mutationFields((t) => ({
  createWebhook: t.field({
    type: CreatedWebhook,
    errors: {},
    args: {
      teamId: t.arg.id({ required: true }),
      url: t.arg.string({ required: true }),
      events: t.arg({ type: [WebhookEventEnum], required: true }),
    },
    resolve: (_root, args, context) => createWebhook(context, args),
  }),
  updateWebhook: t.field({
    type: Webhook,
    errors: {},
    args: {
      id: t.arg.id({ required: true }),
      url: t.arg.string(),
      events: t.arg({ type: [WebhookEventEnum] }),
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
  testWebhook: t.field({
    type: WebhookTest,
    errors: {},
    description: "Sends a signed message with the event `Ping`, active or not, and says what came of it.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => testWebhook(context, id),
  }),
  retryDelivery: t.field({
    type: WebhookDelivery,
    errors: {},
    description: "Tries an event again at once that was given up, or that waits for its next attempt.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => retryDelivery(context, id),
  }),
}))
