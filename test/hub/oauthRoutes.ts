/** Signing in with the Hub: consent page (answered at once), code exchange with PKCE, account of a token. */

import { createHash, randomUUID } from "node:crypto"
import { type Exchange, readBody, sendError, sendJson } from "./exchange.ts"
import { accountOf, type World } from "./world.ts"

/** The application that the stand-in knows. */
export const oauthApplication = { clientId: "fjord-client", clientSecret: "fjord-secret" }

export type Grant = { readonly challenge: string; readonly redirectUri: string; readonly scope: string }

/** What the person at the consent page does, and the codes that have been given out and not been used. */
export type SignIns = { consent: "given" | "refused"; readonly grants: Map<string, Grant> }

/** @returns true where the request was one of these */
export async function answerOAuth(world: World, exchange: Exchange): Promise<boolean> {
  switch (exchange.url.pathname) {
    case "/oauth/authorize":
      authorise(world, exchange)
      return true
    case "/oauth/token":
      await exchangeCode(world, exchange)
      return true
    case "/oauth/userinfo":
      userInfo(world, exchange)
      return true
    default:
      return false
  }
}

function authorise({ signIns }: World, exchange: Exchange) {
  const query = exchange.url.searchParams
  const redirectUri = query.get("redirect_uri") ?? ""
  if (query.get("client_id") !== oauthApplication.clientId || !URL.canParse(redirectUri))
    return sendError(exchange, 400, "Unknown client")
  if (query.get("code_challenge_method") !== "S256") return sendError(exchange, 400, "PKCE wanted")
  const location = new URL(redirectUri)
  if (signIns.consent === "refused") {
    location.searchParams.set("error", "access_denied")
    location.searchParams.set("error_description", "The user has denied your request")
  } else {
    const code = randomUUID()
    const scope = query.get("scope") ?? ""
    signIns.grants.set(code, { challenge: query.get("code_challenge") ?? "", redirectUri, scope })
    location.searchParams.set("code", code)
  }
  location.searchParams.set("state", query.get("state") ?? "")
  exchange.response.writeHead(303, { location: String(location) }).end()
}

async function exchangeCode(world: World, exchange: Exchange): Promise<void> {
  const form = new URLSearchParams((await readBody(exchange.request)).toString("utf8"))
  const { clientId, clientSecret } = oauthApplication
  const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`
  const { grants } = world.signIns
  const grant = grants.get(form.get("code") ?? "")
  grants.delete(form.get("code") ?? "")
  const challenge = createHash("sha256")
    .update(form.get("code_verifier") ?? "")
    .digest("base64url")
  if (exchange.request.headers.authorization !== basic)
    return sendJson(exchange, { error: "invalid_client", error_description: "Unknown client" }, 401)
  if (grant === undefined || grant.challenge !== challenge || grant.redirectUri !== form.get("redirect_uri"))
    return sendJson(exchange, { error: "invalid_grant", error_description: "Invalid code" }, 400)
  // In the form of a JSON web token, as the Hub's are.
  const token = `hf_oauth_${randomUUID()}.${randomUUID()}.${randomUUID()}`
  world.accounts.set(token, { name: "anna", role: "write", organisations: [] })
  sendJson(exchange, { access_token: token, token_type: "bearer", expires_in: 28800, scope: grant.scope })
}

function userInfo(world: World, exchange: Exchange) {
  const account = accountOf(world, exchange)
  if (account === undefined || account === "invalid") return sendError(exchange, 401, "Invalid token")
  sendJson(exchange, {
    sub: `id-of-${account.name}`,
    name: `${account.name} of the stand-in`,
    preferred_username: account.name,
    picture: "https://example.org/anna.png",
  })
}
