/** One signed message to a webhook's address, never to one behind the server's own walls. */

import { createHmac } from "node:crypto"
import { request as httpRequest } from "node:http"
import { request as httpsRequest } from "node:https"
import type { Studio } from "../context.ts"
import { version } from "../version.ts"
import { resolvePublic } from "./publicAddress.ts"

const timeoutMs = 10_000

export type Message = {
  readonly url: string
  readonly sealedSecret: Uint8Array
  readonly body: string
  /** The same for every attempt, so that the receiver can tell an event that came twice. */
  readonly deliveryId: string
}

/** The receiver's HTTP status, if it answered; a problem unless it took the message. */
export type Answer = { readonly status?: number; readonly problem?: string }

/** `t=SECONDS,v1=HMAC-SHA256(secret, "SECONDS.BODY")`, so that an old message cannot be sent again as a new one. */
function signatureOf(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`
}

export async function post(
  studio: Pick<Studio, "environment" | "keys">,
  { url: to, sealedSecret, body, deliveryId }: Message,
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const { url, address, family } = await resolvePublic(to, studio.environment.FJORD_ALLOW_PRIVATE_WEBHOOKS)
    const send = url.protocol === "https:" ? httpsRequest : httpRequest
    const secret = studio.keys.sealing.open(sealedSecret)
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
          "x-fjord-delivery": deliveryId,
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
    const taken = status >= 200 && status < 300
    return taken ? { status } : { status, problem: `The receiver answered with status ${status}.` }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
