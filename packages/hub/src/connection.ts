/** Where the Hub is, who speaks to it and where its files are kept: what HF_TOKEN, HF_ENDPOINT and HF_HOME say. */

import { readFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { HubError } from "./hubError.ts"

/** How a request that failed for a passing reason is repeated. */
export type RetryPolicy = {
  /** Requests in all, the first one included. */
  readonly attempts: number
  /** Wait before the second request; it doubles from one to the next. */
  readonly firstWaitMilliseconds: number
  /** A rate limit that asks for a longer wait than this is reported instead of waited for. */
  readonly longestWaitMilliseconds: number
  /** A transfer that moves no byte for this long counts as broken. */
  readonly stallMilliseconds: number
}

export type HubConnection = {
  /** Address of the Hub without a slash at its end. */
  readonly endpoint: string
  /** Access token; absent for anonymous reading. Never part of a message. */
  readonly token?: string
  /** Folder `hub` of the cache, laid out as Python's huggingface_hub does and shared with it. */
  readonly cacheFolder: string
  /**
   * For whom a cache that many people share is read: an account, or `everybody`; absent where the cache is one person's.
   * With it, the Hub is asked also for what lies in the cache, and without the Hub only what it gave this reader, or
   * everybody, before is used.
   */
  readonly cacheReader?: string
  readonly retry: RetryPolicy
}

export const defaultEndpoint = "https://huggingface.co"

const defaultRetry: RetryPolicy = {
  attempts: 6,
  firstWaitMilliseconds: 500,
  longestWaitMilliseconds: 330_000,
  stallMilliseconds: 60_000,
}

/** The environment variables that Python's huggingface_hub reads; process.env is one such record. */
export type HubEnvironment = { readonly [name: string]: string | undefined }

export type HubOptions = {
  /** null for nobody, whatever the environment says. */
  readonly token?: string | null
  readonly endpoint?: string
  readonly cacheFolder?: string
  readonly cacheReader?: string
  readonly retry?: Partial<RetryPolicy>
}

/** An empty variable counts as absent, as in Python's huggingface_hub. */
function given(...values: readonly (string | undefined)[]): string | undefined {
  return values.find((value) => value !== undefined && value.trim() !== "")?.trim()
}

function homeOf(environment: HubEnvironment): string {
  const cache = given(environment.XDG_CACHE_HOME) ?? join(homedir(), ".cache")
  return given(environment.HF_HOME) ?? join(cache, "huggingface")
}

/** The token that `hf auth login` stored. */
function storedToken(environment: HubEnvironment): string | undefined {
  const file = given(environment.HF_TOKEN_PATH) ?? join(homeOf(environment), "token")
  try {
    return given(readFileSync(file, "utf8"))
  } catch {
    return undefined
  }
}

/**
 * Options win over the environment, the environment over the token that `hf auth login` stored. Without an environment
 * there is no token but the option's: a server acts for its users, not for who started it.
 * @throws HubError for an endpoint that is no web address and for a token that cannot be one
 */
export function hubConnection(options: HubOptions = {}, environment?: HubEnvironment): HubConnection {
  const variables = environment ?? {}
  const address = given(options.endpoint, variables.HF_ENDPOINT) ?? defaultEndpoint
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    throw new HubError("endpoint", `The Hub's address ${address} is no web address; give one like ${defaultEndpoint}.`)
  const token =
    options.token === null
      ? undefined
      : (given(options.token, variables.HF_TOKEN, variables.HUGGING_FACE_HUB_TOKEN) ??
        (environment && storedToken(environment)))
  // Anything else would be refused by the Hub, and might be another service's secret.
  if (token !== undefined && !/^hf_[\w.~+/=-]+$/.test(token))
    throw new HubError(
      "token",
      `The Hub token does not look like one: it starts with hf_ and has no spaces; copy it again from ${defaultEndpoint}/settings/tokens.`,
    )
  const cacheFolder =
    given(options.cacheFolder, variables.HF_HUB_CACHE, variables.HUGGINGFACE_HUB_CACHE) ??
    join(homeOf(variables), "hub")
  return {
    endpoint: address.replace(/\/+$/, ""),
    cacheFolder,
    retry: { ...defaultRetry, ...options.retry },
    ...(token === undefined ? {} : { token }),
    ...(options.cacheReader === undefined ? {} : { cacheReader: options.cacheReader }),
  }
}
