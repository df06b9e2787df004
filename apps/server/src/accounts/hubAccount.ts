/** Connecting a person's account at the Hugging Face Hub; the token is stored sealed and never shown. */

import { createHash, randomBytes } from "node:crypto"
import type { HubAccount } from "@fjord/db/prisma"
import { z } from "zod"
import { person } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError, InputError, NotFoundError } from "../expectedError.ts"

const identity = z.object({ name: z.string().min(1) })

async function hubUserOf(context: Context, token: string): Promise<string> {
  const answer = await fetch(new URL("/api/whoami-v2", context.environment.HF_ENDPOINT), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(15_000),
  }).catch(() => undefined)
  if (answer === undefined)
    throw new ConflictError(`The Hub at ${context.environment.HF_ENDPOINT} does not answer; try again later.`)
  if (answer.status === 401 || answer.status === 403)
    throw new InputError("The Hub does not know this token, or it has expired.", "token")
  const found = identity.safeParse(await answer.json().catch(() => undefined))
  if (!answer.ok || !found.success)
    throw new ConflictError(`The Hub answered with status ${answer.status}; try again later.`)
  return found.data.name
}

/** @throws InputError when the Hub refuses the token. */
export async function keepHubToken(context: Context, userId: string, token: string): Promise<HubAccount> {
  const data = { hubUser: await hubUserOf(context, token), sealedToken: context.keys.sealing.seal(token) }
  return context.database.hubAccount.upsert({ where: { userId }, create: { userId, ...data }, update: data })
}

export async function connectHub(context: Context, token: string): Promise<HubAccount> {
  const { user } = person(context)
  const trimmed = token.trim()
  if (!/^[\w-]{8,500}$/.test(trimmed))
    throw new InputError("A token of the Hub has letters, digits, _ and -, and begins with hf_.", "token")
  return keepHubToken(context, user.id, trimmed)
}

export async function disconnectHub(context: Context): Promise<boolean> {
  const { count } = await context.database.hubAccount.deleteMany({ where: { userId: person(context).user.id } })
  if (count === 0) throw new NotFoundError("connected account of the Hub")
  return true
}

const signInMs = 10 * 60_000
export const hubCallbackPath = "/hub/callback"

/** The proof key of a sign-in (RFC 7636) follows from its state, so that nothing needs to be stored. */
export function proofOf(context: Pick<Context, "keys">, state: string) {
  const verifier = context.keys.sign("hub proof", state)
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") }
}

export async function startHubSignIn(context: Context): Promise<string> {
  const { user } = person(context)
  const { HF_OAUTH_CLIENT_ID, HF_ENDPOINT } = context.environment
  if (HF_OAUTH_CLIENT_ID === undefined)
    throw new ConflictError(
      "Signing in at the Hub is not set up here (HF_OAUTH_CLIENT_ID); connect with a token instead.",
    )
  const text = `${user.id}.${Date.now() + signInMs}.${randomBytes(12).toString("base64url")}`
  const state = `${text}.${context.keys.sign("hub sign-in", text)}`
  const url = new URL("/oauth/authorize", HF_ENDPOINT)
  url.search = new URLSearchParams({
    client_id: HF_OAUTH_CLIENT_ID,
    redirect_uri: `${context.url}${hubCallbackPath}`,
    response_type: "code",
    scope: "openid profile read-repos write-repos manage-repos",
    state,
    code_challenge: proofOf(context, state).challenge,
    code_challenge_method: "S256",
  }).toString()
  return url.href
}

/** @returns the user who began this sign-in. @throws InputError when the state is forged or too old. */
export function userOfState(context: Pick<Context, "keys">, state: string): string {
  const dot = state.lastIndexOf(".")
  const text = state.slice(0, dot)
  const [userId = "", until = "0"] = text.split(".")
  if (!context.keys.verify("hub sign-in", text, state.slice(dot + 1)) || Number(until) < Date.now())
    throw new InputError("This sign-in at the Hub is too old or was not begun here; begin again.", "state")
  return userId
}
