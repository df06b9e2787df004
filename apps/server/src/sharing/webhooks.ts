/** Webhooks: which addresses are told of which events. */

import { randomBytes } from "node:crypto"
import type { Webhook } from "@fjord/db/prisma"
import { owned, requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { InputError } from "../expectedError.ts"
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

async function checkedUrl(context: Context, url: string): Promise<string> {
  const problem = await addressProblem(url, context.environment.FJORD_ALLOW_PRIVATE_WEBHOOKS)
  if (problem !== undefined) throw new InputError(problem, "url")
  return url
}

function checkedEvents(events: readonly string[]): string[] {
  const known: readonly string[] = webhookEvents
  const wrong = events.find((event) => !known.includes(event))
  if (wrong !== undefined) throw new InputError(`${JSON.stringify(wrong)} is none of ${known.join(", ")}.`, "events")
  if (events.length === 0) throw new InputError(`Choose at least one of ${known.join(", ")}.`, "events")
  return [...new Set(events)]
}

const ownedWebhook = (context: Context, id: string) =>
  owned(context, "OWNER", "webhook", context.database.webhook.findUnique({ where: { id } }))

export async function createWebhook(
  context: Context,
  input: { teamId: string; url: string; events: readonly string[] },
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
  changes: { url?: string; events?: readonly string[]; active?: boolean },
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
