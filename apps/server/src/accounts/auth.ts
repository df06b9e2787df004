/** Sign-up, sign-in and sessions, by better-auth; its endpoints are under /api/auth. */

import type { PrismaClient } from "@fjord/db/prisma"
import { APIError, betterAuth } from "better-auth"
import { prismaAdapter } from "better-auth/adapters/prisma"
import { createAuthMiddleware } from "better-auth/api"
import type { Logger } from "pino"
import { z } from "zod"
import { announceMembership } from "./membership.ts"
import { hashedResetIdentifier, openResetLink, resetIdentifier } from "./resetLinks.ts"
import { signUpRefusal, welcome } from "./signUp.ts"

/** The header in which Express says who called; what a client sends under this name is removed. */
export const clientAddressHeader = "x-fjord-client-address"

const signUpBody = z.object({ invitation: z.string().optional() })
/** The token of an invitation may stand beside name, e-mail and password. */
const invitationOf = (body: unknown) => signUpBody.safeParse(body).data?.invitation || undefined

/** better-auth would take the token from the query too; who says it there says it in logs. */
const resetBody = z.object({ token: z.string().min(1) })
const resetPath = "/reset-password"

export function createAuth(options: {
  readonly database: PrismaClient
  readonly url: string
  readonly origins: readonly string[]
  readonly secret: string
  readonly log: Logger
}) {
  const { database, url, origins, secret, log } = options
  return betterAuth({
    appName: "Fjord",
    baseURL: url,
    basePath: "/api/auth",
    secret,
    trustedOrigins: [...origins],
    database: prismaAdapter(database, { provider: "postgresql" }),
    emailAndPassword: {
      enabled: true,
      minPasswordLength: 10,
      maxPasswordLength: 200,
      revokeSessionsOnPasswordReset: true,
      onPasswordReset: async ({ user }) => {
        await database.hubAccount.deleteMany({ where: { userId: user.id } })
      },
    },
    verification: {
      storeIdentifier: {
        default: "plain",
        overrides: { [resetIdentifier("")]: { hash: async (identifier) => hashedResetIdentifier(identifier) } },
      },
    },
    hooks: {
      before: createAuthMiddleware(async ({ path, body }) => {
        if (path !== resetPath) return
        const given = resetBody.safeParse(body).data
        // What allowed the link when it was made has to hold when it is used.
        if (given === undefined || (await openResetLink(database, given.token)) === null)
          throw new APIError("BAD_REQUEST", { code: "INVALID_TOKEN", message: "This link is no longer open." })
      }),
    },
    session: { expiresIn: 30 * 24 * 3600, updateAge: 24 * 3600 },
    rateLimit: {
      enabled: true,
      storage: "database",
      window: 60,
      max: 120,
      customRules: {
        "/sign-in/email": { window: 60, max: 10 },
        "/sign-up/email": { window: 60, max: 10 },
        "/change-password": { window: 60, max: 5 },
        [resetPath]: { window: 60, max: 5 },
      },
    },
    advanced: {
      cookiePrefix: "fjord",
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
      defaultCookieAttributes: { sameSite: "lax", httpOnly: true },
    },
    databaseHooks: {
      // Whoever follows something by a session that has ended is looked at again at once.
      session: { delete: { after: ({ userId }) => announceMembership(database, userId) } },
      user: {
        create: {
          before: async (user, call) => {
            const refusal = await signUpRefusal(database, user.email, invitationOf(call?.body))
            if (refusal !== undefined) throw new APIError("FORBIDDEN", { message: refusal })
          },
          after: (user, call) => welcome(database, user, invitationOf(call?.body)),
        },
      },
    },
    logger: { log: (level, message, ...details) => log[level === "debug" ? "debug" : level]({ details }, message) },
    telemetry: { enabled: false },
  })
}

export type Auth = ReturnType<typeof createAuth>
