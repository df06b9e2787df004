/** What can go wrong with the Hub, one readable sentence each, and never a token in any of them. */

import { HubApiError } from "@huggingface/hub"
import { ZodError } from "zod"

/** What went wrong, for those who decide by it; people read the message. */
export type HubErrorCode =
  | "aborted"
  | "badData"
  | "diskFull"
  | "endpoint"
  | "exists"
  | "expired"
  | "forbidden"
  | "gated"
  | "network"
  | "notFound"
  | "rateLimited"
  | "refused"
  | "serverFailed"
  | "stale"
  | "token"
  | "tooLarge"
  | "truncated"
  | "unauthorised"
  | "wrongHash"

export class HubError extends Error {
  /** AbortError for a transfer that was told to stop, as everywhere in Node. */
  override readonly name: "AbortError" | "HubError"
  readonly code: HubErrorCode

  constructor(code: HubErrorCode, message: string) {
    super(redactTokens(message))
    this.name = code === "aborted" ? "AbortError" : "HubError"
    this.code = code
  }
}

/** Replaces everything that looks like a Hub token or a bearer header. */
export function redactTokens(text: string): string {
  return text.replaceAll(/\bhf_[\w.~+/=-]{4,}/g, "hf_…").replaceAll(/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, "$1 …")
}

/** What an answer of the Hub says about a failure. */
export type Failure = {
  readonly status: number
  /** Header X-Error-Code. */
  readonly errorCode: string | undefined
  /** The server's own words, shortened. */
  readonly message: string
  /** What was being done, e.g. `uploading unet/model.safetensors`. */
  readonly action: string
  /** `user/name`, with its page. */
  readonly repository: { readonly id: string; readonly page: string } | undefined
  readonly endpoint: string
  readonly signedIn: boolean
  /** Seconds that the rate limit asks to wait. */
  readonly waitSeconds: number | undefined
}

/** Signed addresses of the storage behind the Hub end after some time, or with the key that signed them. */
export function expiredAddress(action: string): HubError {
  return new HubError(
    "expired",
    `The storage behind the Hub refuses the address that the Hub gave for ${action}, again and again; try again, it goes on where it stopped.`,
  )
}

/** The sentence for an answer with an error status. */
export function failureOf(failure: Failure): HubError {
  const { status, errorCode, action, repository, endpoint, signedIn } = failure
  const what = repository?.id ?? "this"
  const signIn = signedIn
    ? `use a token that may (${endpoint}/settings/tokens)`
    : `sign in, or set HF_TOKEN to a token of ${endpoint}/settings/tokens`
  const said = failure.message === "" ? "" : ` (${failure.message})`
  if (errorCode === "GatedRepo")
    return new HubError(
      "gated",
      `${what} is gated: accept its conditions at ${repository?.page ?? endpoint}${
        signedIn ? ", signed in as the owner of your token" : ", and set HF_TOKEN to a token of that account"
      }, then try again.`,
    )
  if (status === 401 && signedIn && errorCode !== "RepoNotFound")
    return new HubError(
      "unauthorised",
      `The Hub does not know this token while ${action}; it may be expired or revoked: make a new one at ${endpoint}/settings/tokens.`,
    )
  if (errorCode === "RevisionNotFound")
    return new HubError("notFound", `${what} has no such revision${said}; see ${repository?.page ?? endpoint}/commits.`)
  if (errorCode === "EntryNotFound")
    return new HubError(
      "notFound",
      `${what} has no such file while ${action}${said}; see what it holds on its page, and if the file is there, try again.`,
    )
  if (errorCode === "RepoNotFound" || (status === 404 && repository !== undefined))
    return new HubError(
      "notFound",
      `There is no ${what} on ${endpoint}, or it is private; check the spelling, and if it is private, ${signIn}.`,
    )
  if (status === 401) return new HubError("unauthorised", `The Hub wants to know who is ${action}; ${signIn}.`)
  if (status === 402) return new HubError("forbidden", `The Hub asks for a paid plan while ${action}${said}.`)
  if (status === 403)
    return new HubError("forbidden", `The Hub does not allow ${action} in ${what} with this account${said}; ${signIn}.`)
  if (status === 404) return new HubError("notFound", `The Hub has nothing at the address for ${action}${said}.`)
  if (status === 409) return new HubError("exists", `${what} exists already on ${endpoint}; choose another name.`)
  if (status === 412) return new HubError("stale", `${what} was changed by somebody else while ${action}; try again.`)
  if (status === 413)
    return new HubError(
      "tooLarge",
      `The Hub takes nothing of this size while ${action}${said}; push fewer or smaller files at once.`,
    )
  if (status === 429) {
    const wait = failure.waitSeconds === undefined ? "some minutes" : `${failure.waitSeconds} seconds`
    return new HubError(
      "rateLimited",
      `The Hub's rate limit is used up while ${action}; wait ${wait} and try again, it goes on where it stopped${
        signedIn ? "" : " (a signed-in account has a higher limit)"
      }.`,
    )
  }
  if (status >= 500)
    return new HubError(
      "serverFailed",
      `The Hub failed with status ${status} again and again while ${action}${said}; try again later, it goes on where it stopped.`,
    )
  return new HubError("refused", `The Hub refused ${action} with status ${status}${said}.`)
}

const networkCodes: Readonly<Record<string, string>> = {
  ENOTFOUND: "its name is not known here",
  EAI_AGAIN: "its name cannot be looked up just now",
  ECONNREFUSED: "nothing answers there",
  ECONNRESET: "the connection broke",
  EPIPE: "the connection broke",
  UND_ERR_SOCKET: "the connection broke",
  ETIMEDOUT: "nothing came back in time",
  UND_ERR_CONNECT_TIMEOUT: "nothing came back in time",
  UND_ERR_HEADERS_TIMEOUT: "nothing came back in time",
  UND_ERR_BODY_TIMEOUT: "nothing came back in time",
  ENETUNREACH: "there is no network",
  EHOSTUNREACH: "there is no way to it",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not trusted",
}

/** The code of an error or of what caused it, e.g. ECONNRESET. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ("code" in error && typeof error.code === "string") return error.code
  if (error instanceof AggregateError && error.errors.length > 0) return systemCode(error.errors[0])
  return systemCode(error.cause)
}

/** Any error as a HubError with one sentence; a HubError stays as it is. */
export function explain(error: unknown, action: string, endpoint: string): HubError {
  if (error instanceof HubError) return error
  const code = systemCode(error)
  if (code === "ENOSPC" || code === "EDQUOT")
    return new HubError(
      "diskFull",
      `The disk is full while ${action}; free some space and try again, it goes on where it stopped.`,
    )
  if (error instanceof Error && error.name === "AbortError") return new HubError("aborted", `Stopped while ${action}.`)
  const reason = code === undefined ? undefined : networkCodes[code]
  if (reason !== undefined || (error instanceof TypeError && error.message === "fetch failed"))
    return new HubError(
      "network",
      `${endpoint} cannot be reached while ${action}: ${reason ?? code ?? "the connection failed"}; check the network and try again.`,
    )
  if (error instanceof SyntaxError || error instanceof ZodError)
    return new HubError(
      "serverFailed",
      `${endpoint} answered ${action} with something that is not the Hub's format; check the network and the Hub's address, and run the same command again.`,
    )
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof HubApiError) {
    const { statusCode: status } = error
    const words = message.replace(/ - Request ID: .*$/, "").replace(/\. URL: .*$/s, "")
    const unknown = { errorCode: undefined, repository: undefined, waitSeconds: undefined, signedIn: true }
    return failureOf({ ...unknown, status, message: words, action, endpoint })
  }
  return new HubError(
    "refused",
    `${action[0]?.toUpperCase() ?? ""}${action.slice(1)} failed: ${message.replace(/\.$/, "")}.`,
  )
}
