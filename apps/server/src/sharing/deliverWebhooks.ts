/** Delivers events of runs to webhooks, each until it is taken or given up. */

import { setTimeout as sleep } from "node:timers/promises"
import type { Studio } from "../context.ts"
import { shownStatus } from "../runs/alive.ts"
import { post } from "./postWebhook.ts"

const lookMs = 1000
export const maxAttempts = 8
/** 10 s, 20 s, 40 s … after a failed attempt. */
const retrySeconds = 10
/** Webhooks that are told at the same time, each one event after the other: a slow receiver delays itself alone. */
const atOnce = 16

/** One round of looking for events to tell and telling them, until stopped. Several servers may do it at once. */
export function deliverWebhooks(studio: Studio) {
  const ending = new AbortController()
  const busy = new Set<string>()
  const deliveries = new Set<Promise<void>>()
  const failed = (error: unknown) => studio.log.warn({ error }, "webhooks could not be delivered")
  const tell = async (due: Due) => {
    busy.add(due.webhookId)
    try {
      await deliver(studio, due, ending.signal)
    } catch (error) {
      failed(error)
    } finally {
      busy.delete(due.webhookId)
    }
  }
  const told: Told = new Map()
  const loop = async () => {
    while (!ending.signal.aborted) {
      try {
        await queueDeliveries(studio, told)
        for (let more = true; more && !ending.signal.aborted; ) {
          const due = await nextDeliveries(studio, [...busy])
          for (const one of due) {
            const telling = tell(one).finally(() => deliveries.delete(telling))
            deliveries.add(telling)
          }
          more = due.length > 0
          if (deliveries.size > 0) await Promise.race([...deliveries, sleep(lookMs)])
        }
      } catch (error) {
        failed(error)
      }
      await sleep(lookMs, undefined, { signal: ending.signal }).catch(() => {})
    }
    await Promise.all(deliveries)
  }
  const running = loop()
  return {
    async stop() {
      ending.abort()
      await running
    },
  }
}

/** Of each webhook and run, `webhookId runId`, the number of the event up to which this server has looked. */
type Told = Map<string, number>

/**
 * Every event that a webhook asks for becomes a row, once: the table's key sees to that. A run's steps are many and no
 * webhook's business, so each event is looked at once, not every second again.
 */
async function queueDeliveries({ database }: Studio, told: Told) {
  const recent = await database.$queryRaw<{ webhookId: string; runId: string; lastSeq: number }[]>`
    SELECT w.id AS "webhookId", r.id AS "runId", r."lastSeq" FROM "Webhook" w JOIN "Run" r ON r."teamId" = w."teamId"
    WHERE w.active AND r."updatedAt" > now() - interval '1 hour'`
  const pairs = recent.map((row) => ({ ...row, key: `${row.webhookId} ${row.runId}` }))
  const news = pairs.filter(({ key, lastSeq }) => lastSeq > (told.get(key) ?? 0))
  if (news.length > 0)
    await database.$executeRaw`
      INSERT INTO "WebhookDelivery" (id, "webhookId", "runId", seq, type)
      SELECT gen_random_uuid()::text, w.id, e."runId", e.seq, e.type
      FROM unnest(${news.map(({ webhookId }) => webhookId)}::text[], ${news.map(({ runId }) => runId)}::text[],
        ${news.map(({ key }) => told.get(key) ?? null)}::int[], ${news.map(({ lastSeq }) => lastSeq)}::int[])
        AS news ("webhookId", "runId", told, "lastSeq")
      JOIN "Webhook" w ON w.id = news."webhookId" JOIN "RunEvent" e ON e."runId" = news."runId"
      WHERE e.seq <= news."lastSeq" AND e.seq > coalesce(news.told, (SELECT max(d.seq) FROM "WebhookDelivery" d
          WHERE d."webhookId" = news."webhookId" AND d."runId" = news."runId"), 0)
        AND e.type = ANY (w.events) AND e."createdAt" >= w."createdAt" AND e."createdAt" > now() - interval '1 hour'
      ON CONFLICT ("webhookId", "runId", seq) DO NOTHING`
  told.clear()
  for (const { key, lastSeq } of pairs) told.set(key, lastSeq)
}

type Due = { readonly id: string; readonly webhookId: string; readonly attempts: number }

/** The oldest delivery that is due of each webhook that is not told something just now. */
function nextDeliveries({ database }: Studio, busy: readonly string[]): Promise<Due[]> {
  const room = Math.max(0, atOnce - busy.length)
  return database.$queryRaw<Due[]>`
    SELECT due.id, due."webhookId", due.attempts FROM "Webhook" w CROSS JOIN LATERAL (
      SELECT d.id, d."webhookId", d.attempts, d."dueAt" FROM "WebhookDelivery" d
      WHERE d."webhookId" = w.id AND d."deliveredAt" IS NULL AND d.attempts < ${maxAttempts} AND d."dueAt" <= now()
      ORDER BY d."dueAt" LIMIT 1
    ) due WHERE w.active AND w.id <> ALL (${busy}) ORDER BY due."dueAt" LIMIT ${room}`
}

async function deliver(studio: Studio, { id, attempts }: Due, signal: AbortSignal): Promise<void> {
  const { database } = studio
  // Of two servers that see it, the one that counts the attempt makes it; if it dies over it, the next one is due then.
  const dueAt = new Date(Date.now() + retrySeconds * 1000 * 2 ** attempts)
  const claimed = await database.webhookDelivery.updateMany({
    where: { id, attempts, deliveredAt: null },
    data: { attempts: attempts + 1, dueAt },
  })
  if (claimed.count === 0) return
  const delivery = await database.webhookDelivery.findUnique({ where: { id }, include: { webhook: true } })
  if (delivery === null) return
  const { runId, seq, webhook } = delivery
  const event = await database.runEvent.findUnique({ where: { runId_seq: { runId, seq } }, include: { run: true } })
  // Its run was deleted.
  if (event === null) {
    await database.webhookDelivery.delete({ where: { id } })
    return
  }
  const { name, kind, step, totalSteps } = event.run
  const run = { id: runId, name, kind, status: shownStatus(event.run, studio), step, totalSteps }
  const body = JSON.stringify({ id, event: event.data, createdAt: event.createdAt, seq, run })
  const { url, sealedSecret } = webhook
  const { status: answered, problem } = await post(studio, { url, sealedSecret, body, deliveryId: id }, signal)
  await database.webhookDelivery.update({
    where: { id },
    data: { status: answered ?? null, problem: problem ?? null, deliveredAt: problem ? null : new Date() },
  })
  if (problem) studio.log.info({ runId, webhookId: webhook.id, problem }, "a webhook was not delivered")
}
