/** Delivers events of runs to webhooks: signed, retried, and never to addresses behind the server's own walls. */

import { createHmac } from "node:crypto"
import { request as httpRequest } from "node:http"
import { request as httpsRequest } from "node:https"
import { setTimeout as sleep } from "node:timers/promises"
import type { Studio } from "../context.ts"
import { version } from "../version.ts"
import { resolvePublic } from "./publicAddress.ts"

const lookMs = 1000
const maxAttempts = 8
const timeoutMs = 10_000
/** 10 s, 20 s, 40 s … after a failed attempt. */
const retrySeconds = 10

/** One round of looking for events to tell and telling them, until stopped. Several servers may do it at once. */
export function deliverWebhooks(studio: Studio) {
  const ending = new AbortController()
  const loop = async () => {
    // Events from before this moment have been queued by whoever ran then.
    while (!ending.signal.aborted) {
      try {
        await queueDeliveries(studio)
        for (let more = true; more && !ending.signal.aborted; ) more = await deliverNext(studio, ending.signal)
      } catch (error) {
        studio.log.warn({ error }, "webhooks could not be delivered")
      }
      await sleep(lookMs, undefined, { signal: ending.signal }).catch(() => {})
    }
  }
  const running = loop()
  return {
    async stop() {
      ending.abort()
      await running
    },
  }
}

/** Every event that a webhook asks for becomes a row, once: the table's key sees to that. */
async function queueDeliveries({ database }: Studio) {
  if ((await database.webhook.count({ where: { active: true } })) === 0) return
  await database.$executeRaw`
    INSERT INTO "WebhookDelivery" (id, "webhookId", "runId", seq)
    SELECT gen_random_uuid()::text, w.id, e."runId", e.seq
    FROM "Webhook" w JOIN "Run" r ON r."teamId" = w."teamId" JOIN "RunEvent" e ON e."runId" = r.id
    WHERE w.active
      AND e.seq > coalesce((SELECT max(d.seq) FROM "WebhookDelivery" d WHERE d."webhookId" = w.id AND d."runId" = r.id), 0)
      AND e.type = ANY (w.events) AND e."createdAt" >= w."createdAt"
      AND r."updatedAt" > now() - interval '1 hour' AND e."createdAt" > now() - interval '1 hour'
    ON CONFLICT ("webhookId", "runId", seq) DO NOTHING`
}

/** When this process may try a delivery again: a server that was down for long must not use up all attempts at once. */
const notBefore = new Map<string, number>()

/** Takes the next delivery that is due and tries it. @returns whether there was one. */
async function deliverNext(studio: Studio, signal: AbortSignal): Promise<boolean> {
  const { database } = studio
  const waiting = await database.$queryRaw<{ id: string; attempts: number }[]>`
    SELECT d.id, d.attempts FROM "WebhookDelivery" d JOIN "Webhook" w ON w.id = d."webhookId"
    WHERE d."deliveredAt" IS NULL AND d.attempts < ${maxAttempts} AND w.active
      AND d."createdAt" + make_interval(secs => ${retrySeconds} * (2 ^ d.attempts - 1)) <= now()
    ORDER BY d."createdAt" LIMIT 100`
  const due = waiting.find(({ id }) => (notBefore.get(id) ?? 0) <= Date.now())
  if (due === undefined) return false
  notBefore.set(due.id, Date.now() + retrySeconds * 1000 * 2 ** due.attempts)
  // Of two servers that see it, the one that counts the attempt makes it.
  const claimed = await database.webhookDelivery.updateMany({ where: due, data: { attempts: due.attempts + 1 } })
  if (claimed.count === 0) return true
  const delivery = await database.webhookDelivery.findUnique({ where: { id: due.id }, include: { webhook: true } })
  if (delivery === null) return true
  const { runId, seq, webhook } = delivery
  const event = await database.runEvent.findUnique({ where: { runId_seq: { runId, seq } }, include: { run: true } })
  if (event === null) {
    await database.webhookDelivery.delete({ where: { id: due.id } })
    return true
  }
  const { run } = event
  const body = JSON.stringify({
    id: due.id,
    event: event.data,
    createdAt: event.createdAt,
    seq,
    run: { id: run.id, name: run.name, kind: run.kind, status: run.status, step: run.step, totalSteps: run.totalSteps },
  })
  const result = await post(studio, webhook.url, body, studio.keys.sealing.open(webhook.sealedSecret), due.id, signal)
  await database.webhookDelivery.update({
    where: { id: due.id },
    data: {
      status: result.status ?? null,
      problem: result.problem ?? null,
      deliveredAt: result.problem ? null : new Date(),
    },
  })
  if (!result.problem || due.attempts + 1 >= maxAttempts) notBefore.delete(due.id)
  if (result.problem)
    studio.log.info({ runId, webhookId: webhook.id, problem: result.problem }, "a webhook was not delivered")
  return true
}

/** `t=SECONDS,v1=HMAC-SHA256(secret, "SECONDS.BODY")`, so that an old message cannot be sent again as a new one. */
export function signatureOf(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`
}

async function post(studio: Studio, to: string, body: string, secret: string, id: string, signal: AbortSignal) {
  try {
    const { url, address, family } = await resolvePublic(to, studio.environment.FJORD_ALLOW_PRIVATE_WEBHOOKS)
    const send = url.protocol === "https:" ? httpsRequest : httpRequest
    const status = await new Promise<number>((resolve, reject) => {
      const call = send(url, {
        method: "POST",
        // The address that was checked, whatever the name means a moment later.
        lookup: (_host, options, done) =>
          options.all ? done(null, [{ address, family }]) : done(null, address, family),
        agent: false,
        timeout: timeoutMs,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        headers: {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
          "user-agent": `fjord/${version}`,
          "x-fjord-delivery": id,
          "x-fjord-signature": signatureOf(secret, Math.floor(Date.now() / 1000), body),
        },
      })
      call.on("response", (response) => {
        // Redirects are not followed: they could lead where the check above would not let us.
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      call.on("error", reject)
      call.end(body)
    })
    return status >= 200 && status < 300
      ? { status }
      : { status, problem: `The receiver answered with status ${status}.` }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
