/** Webhooks: which addresses are told of which events. */

import { randomBytes, randomUUID } from "node:crypto"
import type { Webhook, WebhookDelivery } from "@fjord/db/prisma"
import { owned, requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError, InputError } from "../expectedError.ts"
import { maxAttempts } from "./deliverWebhooks.ts"
import { post } from "./postWebhook.ts"
import { addressProblem } from "./publicAddress.ts"

/** Types of events that a webhook may ask for: those that a person would want to hear of, not every step. */
export const webhookEvents = [
  "StatusChanged",
  "CheckpointSaved",
  "SampleRendered",
  "ImageSaved",
  "RunFinished",
  "Message",
] as const
export type WebhookEvent = (typeof webhookEvents)[number]

async function checkedUrl(context: Context, url: string): Promise<string> {
  const problem = await addressProblem(url, context.environment.FJORD_ALLOW_PRIVATE_WEBHOOKS)
  if (problem !== undefined) throw new InputError(problem, "url")
  return url
}

function checkedEvents(events: readonly WebhookEvent[]): WebhookEvent[] {
  if (events.length === 0) throw new InputError("Choose at least one event.", "events")
  return [...new Set(events)]
}

const ownedWebhook = (context: Context, id: string) =>
  owned(context, "OWNER", "webhook", context.database.webhook.findUnique({ where: { id } }))

export async function createWebhook(
  context: Context,
  input: { teamId: string; url: string; events: readonly WebhookEvent[] },
): Promise<{ webhook: Webhook; secret: string }> {
  requireRole(context, input.teamId, "OWNER")
  const secret = randomBytes(32).toString("base64url")
  const webhook = await context.database.webhook.create({
    data: {
      teamId: input.teamId,
      url: await checkedUrl(context, input.url),
      events: checkedEvents(input.events),
      sealedSecret: context.keys.sealing.seal(secret),
    },
  })
  return { webhook, secret }
}

export async function updateWebhook(
  context: Context,
  id: string,
  changes: { url?: string; events?: readonly WebhookEvent[]; active?: boolean },
): Promise<Webhook> {
  await ownedWebhook(context, id)
  const { url, events, active } = changes
  return context.database.webhook.update({
    where: { id },
    data: {
      ...(url !== undefined && { url: await checkedUrl(context, url) }),
      ...(events !== undefined && { events: checkedEvents(events) }),
      ...(active !== undefined && { active }),
    },
  })
}

export async function deleteWebhook(context: Context, id: string): Promise<string> {
  await ownedWebhook(context, id)
  await context.database.webhook.delete({ where: { id } })
  return id
}

/** Sends a message of no run, to see whether the receiver takes it. */
export async function testWebhook(context: Context, id: string) {
  const { url, sealedSecret } = await ownedWebhook(context, id)
  const createdAt = new Date()
  const body = JSON.stringify({ id: randomUUID(), event: { type: "Ping" }, createdAt, seq: null, run: null })
  return post(
    context,
    { url, sealedSecret, body, deliveryId: `ping-${createdAt.getTime()}` },
    AbortSignal.timeout(30_000),
  )
}

/** Tries a delivery again that was given up, or that waits for its next attempt. */
export async function retryDelivery(context: Context, id: string): Promise<WebhookDelivery> {
  const { database } = context
  const found = await database.webhookDelivery.findUnique({ where: { id }, include: { webhook: true } })
  await owned(context, "OWNER", "delivery", Promise.resolve(found?.webhook ?? null))
  const data = { attempts: 0, dueAt: new Date() }
  const { count } = await database.webhookDelivery.updateMany({ where: { id, deliveredAt: null }, data })
  if (count === 0) throw new ConflictError("This event has been delivered already.")
  return database.webhookDelivery.findUniqueOrThrow({ where: { id } })
}

export type DeliveryState = "WAITING" | "DELIVERED" | "GIVEN_UP"

export function deliveryState({ deliveredAt, attempts }: WebhookDelivery): DeliveryState {
  if (deliveredAt !== null) return "DELIVERED"
  return attempts < maxAttempts ? "WAITING" : "GIVEN_UP"
}
