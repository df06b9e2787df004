/** Faults that a test can order for any request, on either of the stand-in's two servers. */

import type { IncomingMessage, ServerResponse } from "node:http"

export const faultKinds = [
  "drop",
  "reset",
  "dropAfter",
  "tooMany",
  "failure",
  "expired",
  "truncate",
  "corrupt",
] as const

/**
 * drop: the connection breaks before anything is done; reset: it breaks in the middle of what is sent; dropAfter: it
 * breaks when all is done, before the answer; tooMany: 429; failure: 500; expired: the storage server says that its
 * signed address is too old, the Hub itself answers as usual; truncate: half of the answer, then the connection breaks;
 * corrupt: one bit is wrong.
 */
export type FaultKind = (typeof faultKinds)[number]

export type Fault = {
  readonly kind: FaultKind
  /** Sees every request with its number, counted from 0; true where the fault strikes. */
  readonly strikes: (request: IncomingMessage, index: number) => boolean
}

/** All kinds but wrong bits in turn, one at every `nth` request. */
export function stormy(nth: number): (index: number) => FaultKind | undefined {
  const kinds = faultKinds.filter((kind) => kind !== "corrupt")
  return (index) => (index % nth === nth - 1 ? kinds[Math.floor(index / nth) % kinds.length] : undefined)
}

/** Strikes at every address, the first time that it is asked: no request of a transfer goes without, none fails twice. */
export function everyAddressOnce(): Fault["strikes"] {
  const asked = new Set<string>()
  return ({ method, headers, url = "" }) => {
    // The storage server's addresses are signed anew each time.
    const address = `${method} ${headers.host} ${url.replace(/\?signature=[^&]*/, "")}`
    if (asked.has(address)) return false
    asked.add(address)
    return true
  }
}

/** @returns true where the request has been answered by the fault itself */
export async function inject(
  kind: FaultKind,
  server: "hub" | "storage",
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  switch (kind) {
    case "reset":
      // With the first piece of a body, or at once where there is none.
      if (request.headers["content-length"] === undefined || request.headers["content-length"] === "0")
        request.socket.destroy()
      else request.once("data", () => request.socket.destroy())
      return true
    case "expired":
      if (server === "hub") return false
      request.resume()
      response.writeHead(403, { "content-type": "application/xml" })
      response.end("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")
      return true
    case "drop":
      request.socket.destroy()
      return true
    case "tooMany":
      request.resume()
      response.writeHead(429, { ratelimit: '"api";r=0;t=0', "content-type": "text/plain" }).end("Too many requests")
      return true
    case "failure":
      request.resume()
      response.writeHead(500, { "content-type": "text/html" }).end("<html>Internal error</html>")
      return true
    default:
      tamper(kind, response)
      return false
  }
}

/** Changes what becomes of the answer; the head goes out as it was. */
function tamper(kind: "dropAfter" | "truncate" | "corrupt", response: ServerResponse): void {
  const body: Buffer[] = []
  const take = (chunk: unknown) => {
    if (typeof chunk === "string") body.push(Buffer.from(chunk))
    else if (chunk instanceof Uint8Array) body.push(Buffer.from(chunk))
  }
  const write = response.write.bind(response)
  const end = response.end.bind(response)
  response.write = (chunk: unknown) => {
    take(chunk)
    return true
  }
  response.end = (chunk?: unknown) => {
    take(chunk)
    const whole = Buffer.concat(body)
    if (kind === "dropAfter" || (kind === "truncate" && whole.length < 2)) {
      response.socket?.destroy()
      return response
    }
    if (kind === "truncate") {
      write(whole.subarray(0, whole.length / 2), () => response.socket?.end())
      return response
    }
    // A bit of the last third: in JSON that is text, in a file the weights.
    const at = Math.floor(whole.length * 0.7)
    whole[at] = (whole[at] ?? 0) ^ 1
    return end(whole)
  }
}
