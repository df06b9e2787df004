/**
 * The fetch that every request to the Hub goes through: repeats what failed for a passing reason, waits as long as the
 * rate limit says, streams files, counts bytes and turns failures into sentences.
 */

import { setTimeout as sleep } from "node:timers/promises"
import type { HubConnection } from "../connection.ts"
import { expiredAddress, explain, failureOf, HubError, systemCode } from "../hubError.ts"
import { pageOf, type Repository } from "../repositoryName.ts"
import { sendBytes, sizeOf } from "./sendBytes.ts"

export type Retrying = { readonly reason: string; readonly waitSeconds: number; readonly attempt: number }

export type HubRequest = {
  /** What is being done, as it stands in a sentence: `uploading to user/name`. */
  readonly action: string
  readonly repository?: Repository | undefined
  readonly signal?: AbortSignal | undefined
  readonly onRetry?: ((retrying: Retrying) => void) | undefined
}

/** Longest time that a request without a file may take; commits of many files take minutes on the Hub. */
const requestMilliseconds = 300_000

/** What the client hands to fetch beside the standard's options, to hear of progress. */
type ProgressHint = { readonly progressHint?: { readonly progressCallback?: (fraction: number) => void } }

const passing = new Set([408, 425, 429, 500, 502, 503, 504])

/** Seconds that an answer asks to wait, by Retry-After or the RateLimit header (`"api";r=0;t=55`). */
export function waitSecondsOf(headers: Headers, now = Date.now()): number | undefined {
  const retryAfter = headers.get("retry-after")
  if (retryAfter !== null) {
    const seconds = Number(retryAfter)
    if (Number.isFinite(seconds)) return Math.max(0, seconds)
    const date = Date.parse(retryAfter)
    if (!Number.isNaN(date)) return Math.max(0, Math.ceil((date - now) / 1000))
  }
  const reset = /(?:^|[;,\s])t=(\d+)/.exec(headers.get("ratelimit") ?? "")
  return reset === null ? undefined : Number(reset[1])
}

async function wordsOf(response: Response): Promise<string> {
  const text = await response.text().catch(() => "")
  let words = response.headers.get("x-error-message") ?? ""
  if (words === "" && response.headers.get("content-type")?.includes("json") === true) {
    try {
      const json: unknown = JSON.parse(text)
      if (json instanceof Object)
        words =
          ["error_description", "error", "message"]
            .map((key) => Reflect.get(json, key))
            .find((word) => typeof word === "string") ?? ""
    } catch {
      // What the server meant to say is lost; the status says enough.
    }
  }
  return words.replaceAll(/\s+/g, " ").replace(/\.$/, "").slice(0, 300)
}

/** The failure that an answer with an error status describes. */
export async function failureIn(
  response: Response,
  connection: HubConnection,
  { action, repository }: HubRequest,
): Promise<HubError> {
  return failureOf({
    status: response.status,
    errorCode: response.headers.get("x-error-code") ?? undefined,
    message: await wordsOf(response),
    action,
    repository: repository && { id: repository.id, page: pageOf(connection.endpoint, repository) },
    endpoint: connection.endpoint,
    signedIn: connection.token !== undefined,
    waitSeconds: waitSecondsOf(response.headers),
  })
}

/** True for what another try may mend: broken connections and answers that broke off. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof HubError) return error.code === "expired"
  const code = systemCode(error)
  if (code !== undefined && /^(ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UND_ERR)/.test(code))
    return true
  return ["TimeoutError"].includes(error.name) || /fetch failed|terminated|broke off|stands still/.test(error.message)
}

/** Hubs that have answered before: their silence is a passing one. */
const reached = new WeakSet<HubConnection>()

/** Requests to a Hub that nothing was ever heard of, before it counts as out of reach. */
const firstAttempts = 2

function isOutOfReach(error: unknown): boolean {
  return /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH)$/.test(systemCode(error) ?? "")
}

/**
 * Calls `send` until it succeeds, fails for good or the policy's attempts are used up.
 * @param send makes one request; it throws, or returns an answer of any status
 */
export async function withRetries(
  connection: HubConnection,
  request: HubRequest,
  send: () => Promise<Response>,
): Promise<Response> {
  const { retry, endpoint } = connection
  const signal = request.signal ?? new AbortController().signal
  for (let attempt = 1; ; attempt += 1) {
    let failure: HubError
    let asked: number | undefined
    if (signal.aborted) throw new HubError("aborted", `Stopped while ${request.action}.`)
    try {
      const response = await send()
      reached.add(connection)
      if (response.status < 400) return response
      failure = await failureIn(response, connection, request)
      if (!passing.has(response.status)) throw failure
      asked = waitSecondsOf(response.headers)
    } catch (error) {
      if (signal.aborted) throw new HubError("aborted", `Stopped while ${request.action}.`)
      if (!isPassing(error)) throw explain(error, request.action, endpoint)
      failure = explain(error, request.action, endpoint)
      if (isOutOfReach(error) && !reached.has(connection) && attempt >= firstAttempts) throw failure
    }
    const wait = asked === undefined ? retry.firstWaitMilliseconds * 2 ** (attempt - 1) : asked * 1000
    if (attempt >= retry.attempts || wait > retry.longestWaitMilliseconds) throw failure
    request.onRetry?.({ reason: failure.message, waitSeconds: wait / 1000, attempt })
    // A little spread, so that many clients that were refused together do not come back together.
    await sleep(wait * (1 + Math.random() / 10), undefined, { signal }).catch(() => undefined)
  }
}

/** An answer whose body is here in full and, where it says JSON, is JSON. */
async function readWhole(response: Response): Promise<Response> {
  const body = await response.arrayBuffer()
  const { status, headers } = response
  // Large file storage answers as application/vnd.git-lfs+json.
  if (/^application\/(?:[\w.-]+\+)?json\b/.test(headers.get("content-type") ?? "") && body.byteLength > 0) {
    try {
      JSON.parse(new TextDecoder().decode(body))
    } catch {
      throw new Error("the answer broke off")
    }
  }
  return new Response(body.byteLength === 0 ? null : body, { status, headers })
}

/** Requests of the Xet store, whose 404 (nothing known of a chunk) and 403 (token too old) are read by the client. */
function isXet(url: string): boolean {
  return /^\/v\d\//.test(new URL(url).pathname)
}

/**
 * Gives the memory of what was sent back at once. The client fills a new array of 64 MB for each piece that it sends to
 * the Xet store and never looks at it again; until the collector comes by, several of them would lie about.
 */
function release({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}

/** For the official client's `fetch` option: answers come whole; what fails is thrown as a HubError. */
export function hubFetch(connection: HubConnection, request: HubRequest): typeof fetch {
  return async (input, init: (RequestInit & ProgressHint) | undefined = {}) => {
    const url = input instanceof Request ? input.url : String(input)
    const signals = [request.signal, init.signal ?? undefined].filter((signal) => signal !== undefined)
    const { body } = init
    const progress = init.progressHint?.progressCallback
    const isForeign = new URL(url).origin !== new URL(connection.endpoint).origin
    const isExpired = ({ status }: Response) => isForeign && status === 403
    let answered: Response | undefined
    let refused: HubError | undefined
    // The same address stays expired: it is not tried again here, the whole commit asks for new ones.
    const noticed = () => {
      refused = expiredAddress(request.action)
      return new Response(null, { status: 204 })
    }
    const response = await withRetries(connection, { ...request, signal: AbortSignal.any(signals) }, async () => {
      if (body instanceof Blob || body instanceof Uint8Array) {
        const size = sizeOf(body)
        const response = await sendBytes(url, body, {
          method: init.method ?? "PUT",
          headers: new Headers(init.headers),
          signal: AbortSignal.any(signals),
          stallMilliseconds: connection.retry.stallMilliseconds,
          onSent: (sent) => progress?.(size === 0 ? 1 : sent / size),
        })
        return isExpired(response) && !isXet(url) ? noticed() : response
      }
      const signal = AbortSignal.any([...signals, AbortSignal.timeout(requestMilliseconds)])
      const response = await readWhole(await fetch(url, { ...init, signal }))
      if (isExpired(response) && !isXet(url)) return noticed()
      if (response.status !== 404 || !isXet(url)) return response
      answered = response
      return new Response(null, { status: 204 })
    })
    if (refused !== undefined) throw refused
    if (body instanceof Uint8Array && isXet(url)) release(body)
    return answered ?? response
  }
}
