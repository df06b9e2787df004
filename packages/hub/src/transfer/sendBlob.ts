/** PUT of a file by node:http: Node's fetch would first read the whole of it into memory. */

import { request as requestHttp } from "node:http"
import { request as requestHttps } from "node:https"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"

export type SendOptions = {
  readonly headers: Headers
  readonly signal: AbortSignal
  readonly stallMilliseconds: number
  /** @param sent bytes handed to the network so far */
  readonly onSent: (sent: number) => void
}

const longestAnswer = 1_000_000

/** @throws the system's error when the connection breaks or stands still */
export function sendBlob(address: string, body: Blob, options: SendOptions): Promise<Response> {
  const url = new URL(address)
  const request = url.protocol === "https:" ? requestHttps : requestHttp
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  const headers = { ...Object.fromEntries(options.headers), "content-length": String(body.size) }
  const outgoing = request(url, { method: "PUT", headers, signal: options.signal })
  outgoing.setTimeout(options.stallMilliseconds, () =>
    outgoing.destroy(Object.assign(new Error("the transfer stands still"), { code: "ETIMEDOUT" })),
  )
  outgoing.on("response", (incoming) => {
    const chunks: Buffer[] = []
    let size = 0
    incoming.on("data", (chunk: Buffer) => {
      size += chunk.length
      if (size <= longestAnswer) chunks.push(chunk)
    })
    incoming.on("error", reject)
    incoming.on("end", () => {
      const answer = new Headers()
      for (const [name, value] of Object.entries(incoming.headers))
        if (value !== undefined) answer.set(name, Array.isArray(value) ? value.join(", ") : value)
      const status = incoming.statusCode ?? 0
      const empty = status === 204 || status === 304
      resolve(new Response(empty ? null : Buffer.concat(chunks), { status, headers: answer }))
    })
    incoming.on("aborted", () => reject(Object.assign(new Error("the answer broke off"), { code: "ECONNRESET" })))
  })
  outgoing.on("error", reject)
  let sent = 0
  const counted = async function* () {
    for await (const chunk of Readable.fromWeb(body.stream())) {
      yield chunk
      sent += chunk.length
      options.onSent(sent)
    }
  }
  // A server may answer (413, 403) and close before it has read all: then its answer counts, not the broken pipe.
  pipeline(counted, outgoing).catch((error) => setTimeout(() => reject(error), 50).unref())
  return promise
}
