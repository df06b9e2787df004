/** Sending bytes by node:http: Node's fetch would first read a whole file into memory, and copy a whole array. */

import { request as requestHttp } from "node:http"
import { request as requestHttps } from "node:https"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"

export type SendOptions = {
  readonly method: string
  readonly headers: Headers
  readonly signal: AbortSignal
  readonly stallMilliseconds: number
  /** @param sent bytes handed to the network so far */
  readonly onSent: (sent: number) => void
}

const longestAnswer = 1_000_000

const pieceBytes = 1 << 20

/** Copies, so that nothing points into the array when its request is over. */
function* piecesOf(array: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < array.length; at += pieceBytes) yield array.slice(at, at + pieceBytes)
}

export function sizeOf(body: Blob | Uint8Array): number {
  return body instanceof Blob ? body.size : body.length
}

/** @throws the system's error when the connection breaks or stands still */
export function sendBytes(address: string, body: Blob | Uint8Array, options: SendOptions): Promise<Response> {
  const url = new URL(address)
  const request = url.protocol === "https:" ? requestHttps : requestHttp
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  const headers = { ...Object.fromEntries(options.headers), "content-length": String(sizeOf(body)) }
  const outgoing = request(url, { method: options.method, headers, signal: options.signal })
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
    for await (const chunk of body instanceof Blob ? Readable.fromWeb(body.stream()) : piecesOf(body)) {
      yield chunk
      sent += chunk.length
      options.onSent(sent)
    }
  }
  // A server may answer (413, 403) and close before it has read all: then its answer counts, not the broken pipe.
  pipeline(counted, outgoing).catch((error) => setTimeout(() => reject(error), 50).unref())
  return promise
}
