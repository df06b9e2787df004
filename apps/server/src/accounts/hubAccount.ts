/** Connecting a person's account at the Hugging Face Hub; the token is stored sealed and never shown. */

import { join } from "node:path"
import type { HubAccount } from "@fjord/db/prisma"
import { finishSignIn, HubError, hubConnection, type OAuthApplication, startSignIn, whoAmI } from "@fjord/hub"
import { z } from "zod"
import { person } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError, ForbiddenError, InputError, NotFoundError } from "../expectedError.ts"

/** Never with a token that the machine itself has: that is somebody else's. */
const connectionOf = ({ environment }: Context, token: string | null = null) =>
  hubConnection({
    endpoint: environment.HF_ENDPOINT,
    cacheFolder: join(environment.FJORD_DATA, "hub"),
    token,
  })

/** The Hub's failures are written for people already. */
async function asking<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof HubError)) throw error
    throw error.code === "unauthorised" ? new InputError(error.message, "token") : new ConflictError(error.message)
  }
}

type Connected = { readonly hubUser: string; readonly token: string; readonly expiresAt: Date | null }

function keep(context: Context, userId: string, { token, ...account }: Connected): Promise<HubAccount> {
  const data = { ...account, sealedToken: context.keys.sealing.seal(token) }
  return context.database.hubAccount.upsert({ where: { userId }, create: { userId, ...data }, update: data })
}

/** @throws InputError when the Hub does not know the token. */
export async function connectHub(context: Context, given: string): Promise<HubAccount> {
  const { user } = person(context)
  const token = given.trim()
  if (!/^[\w-]{8,500}$/.test(token))
    throw new InputError("A token of the Hub has letters, digits, _ and -, and begins with hf_.", "token")
  const { name } = await asking(() => whoAmI(connectionOf(context, token)))
  return keep(context, user.id, { hubUser: name, token, expiresAt: null })
}

export async function disconnectHub(context: Context): Promise<boolean> {
  const { count } = await context.database.hubAccount.deleteMany({ where: { userId: person(context).user.id } })
  if (count === 0) throw new NotFoundError("connected account of the Hub")
  return true
}

const signInMs = 10 * 60_000
export const hubCallbackPath = "/hub/callback"
const pendingOf = z.object({ userId: z.string(), state: z.string(), codeVerifier: z.string() })
const identifierOf = (state: string) => `hub sign-in ${state}`

function applicationOf({ environment, url }: Context): OAuthApplication {
  const { HF_OAUTH_CLIENT_ID: clientId, HF_OAUTH_CLIENT_SECRET: clientSecret } = environment
  if (clientId === undefined || clientSecret === undefined)
    throw new ConflictError(
      "Signing in at the Hub is not set up here (HF_OAUTH_CLIENT_ID); connect with a token instead.",
    )
  return { clientId, clientSecret, redirectUri: `${url}${hubCallbackPath}` }
}

/** @returns the Hub's page on which the person lets Fjord in. */
export async function startHubSignIn(context: Context): Promise<string> {
  const { user } = person(context)
  const { url, pending } = startSignIn(connectionOf(context), applicationOf(context))
  const value = Buffer.from(context.keys.sealing.seal(JSON.stringify({ userId: user.id, ...pending }))).toString(
    "base64",
  )
  const expiresAt = new Date(Date.now() + signInMs)
  await context.database.verification.create({ data: { identifier: identifierOf(pending.state), value, expiresAt } })
  return url
}

/** @param query parameters with which the Hub sent the person back */
export async function finishHubSignIn(context: Context, query: URLSearchParams): Promise<void> {
  const { user } = person(context)
  const identifier = identifierOf(query.get("state") ?? "")
  const row = await context.database.verification.findFirst({ where: { identifier, expiresAt: { gt: new Date() } } })
  // Once only, also of two at the same moment.
  const taken = await context.database.verification.deleteMany({ where: { identifier } })
  if (row === null || taken.count === 0)
    throw new InputError("This sign-in at the Hub is too old or was not begun here; begin again.")
  const pending = pendingOf.parse(JSON.parse(context.keys.sealing.open(Buffer.from(row.value, "base64"))))
  // Otherwise a link could join somebody's studio to a stranger's account.
  if (pending.userId !== user.id) throw new ForbiddenError("This sign-in at the Hub was begun by somebody else.")
  const { accessToken, account, expiresAt } = await asking(() =>
    finishSignIn(connectionOf(context), applicationOf(context), pending, query),
  )
  await keep(context, user.id, { hubUser: account.name, token: accessToken, expiresAt })
}
