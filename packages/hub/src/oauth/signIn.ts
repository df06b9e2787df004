/** Signing in with the Hub, on the server: authorisation code with PKCE (RFC 6749, RFC 7636). */

import { createHash, randomBytes } from "node:crypto"
import { z } from "zod"
import type { HubConnection } from "../connection.ts"
import { explain, HubError } from "../hubError.ts"
import { hubFetch } from "../transfer/hubFetch.ts"

/** An application as registered under the Hub's settings. */
export type OAuthApplication = {
  readonly clientId: string
  readonly clientSecret: string
  /** Address of ours to which the Hub sends the browser back; registered too. */
  readonly redirectUri: string
}

/** What is kept, bound to the browser's session, until it comes back. */
export type PendingSignIn = { readonly state: string; readonly codeVerifier: string }

export type SignedIn = {
  /** Seal it before it is stored. */
  readonly accessToken: string
  readonly expiresAt: Date
  readonly scopes: readonly string[]
  readonly account: {
    readonly id: string
    readonly name: string
    readonly fullName: string
    readonly avatarUrl?: string
  }
}

/** The least that does the work: repositories that this application made. */
export const defaultScopes: readonly string[] = ["openid", "profile", "contribute-repos"]

/** The address to send the browser to, and what to remember meanwhile. */
export function startSignIn(
  { endpoint }: HubConnection,
  { clientId, redirectUri }: OAuthApplication,
  scopes: readonly string[] = defaultScopes,
): { url: string; pending: PendingSignIn } {
  const pending = { state: randomBytes(24).toString("base64url"), codeVerifier: randomBytes(48).toString("base64url") }
  const url = new URL(`${endpoint}/oauth/authorize`)
  url.search = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: scopes.join(" "),
    state: pending.state,
    code_challenge: createHash("sha256").update(pending.codeVerifier).digest("base64url"),
    code_challenge_method: "S256",
  }).toString()
  return { url: String(url), pending }
}

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().default(3600),
  scope: z.string().default(""),
})
const userAnswer = z.object({
  sub: z.string(),
  preferred_username: z.string(),
  name: z.string().nullish(),
  picture: z.string().nullish(),
})

/**
 * Exchanges the code that came back for a token, and asks whose it is.
 * @param query parameters of the address to which the browser came back
 * @throws HubError when the person refused, when the state is another session's, or when the Hub refuses the code
 */
export async function finishSignIn(
  connection: HubConnection,
  { clientId, clientSecret, redirectUri }: OAuthApplication,
  pending: PendingSignIn,
  query: URLSearchParams,
  signal?: AbortSignal,
): Promise<SignedIn> {
  const { endpoint } = connection
  const action = "signing in with the Hub"
  const code = query.get("code")
  if (query.get("error") !== null)
    throw new HubError(
      "forbidden",
      "Signing in with the Hub was refused there; nothing was changed; try again if that was not meant.",
    )
  if (code === null || query.get("state") !== pending.state)
    throw new HubError("refused", "This answer of the Hub belongs to no sign-in that was begun here; start again.")
  // The application signs in, not the connection's owner. A code is good for one exchange, so little is tried again:
  // a connection that had stood idle too long, or a Hub that failed before it looked.
  const { token: _token, ...rest } = connection
  const anonymous = { ...rest, retry: { ...connection.retry, attempts: 2 } }
  const fetch = hubFetch(anonymous, { action, signal })
  try {
    const response = await fetch(`${endpoint}/oauth/token`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code,
        redirect_uri: redirectUri,
        code_verifier: pending.codeVerifier,
      }).toString(),
    })
    const token = tokenAnswer.parse(await response.json())
    const user = await fetch(`${endpoint}/oauth/userinfo`, {
      headers: { authorization: `Bearer ${token.access_token}` },
    })
    const account = userAnswer.parse(await user.json())
    return {
      accessToken: token.access_token,
      expiresAt: new Date(Date.now() + token.expires_in * 1000),
      scopes: token.scope.split(" ").filter((scope) => scope !== ""),
      account: {
        id: account.sub,
        name: account.preferred_username,
        fullName: account.name ?? account.preferred_username,
        ...(account.picture && { avatarUrl: account.picture }),
      },
    }
  } catch (error) {
    const failure = explain(error, action, endpoint)
    if (failure.code === "refused")
      throw new HubError("refused", "The Hub does not take this sign-in: its code is used up or too old; begin again.")
    if (failure.code !== "unauthorised") throw failure
    throw new HubError(
      "unauthorised",
      "The Hub does not know this application; check its client id and client secret under the Hub's settings.",
    )
  }
}
