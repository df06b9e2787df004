/** Sign-up, sign-in and sessions, by better-auth; its endpoints are under /api/auth. */

import type { PrismaClient } from "@fjord/db/prisma"
import { APIError, betterAuth } from "better-auth"
import { prismaAdapter } from "better-auth/adapters/prisma"
import type { Logger } from "pino"
import { z } from "zod"
import { signUpRefusal, welcome } from "./signUp.ts"

/** The header in which Express says who called; what a client sends under this name is removed. */
export const clientAddressHeader = "x-fjord-client-address"

const signUpBody = z.object({ invitation: z.string().optional() })
/** The token of an invitation may stand beside name, e-mail and password. */
const invitationOf = (body: unknown) => signUpBody.safeParse(body).data?.invitation || undefined

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
    emailAndPassword: { enabled: true, minPasswordLength: 10, maxPasswordLength: 200 },
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
      },
    },
    advanced: {
      cookiePrefix: "fjord",
      ipAddress: { ipAddressHeaders: [clientAddressHeader] },
      defaultCookieAttributes: { sameSite: "lax", httpOnly: true },
    },
    databaseHooks: {
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
