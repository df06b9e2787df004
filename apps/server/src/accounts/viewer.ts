/** Whose request it is: of an API token, or of a session's cookie. */

import type { IncomingHttpHeaders } from "node:http"
import type { PrismaClient } from "@fjord/db/prisma"
import { fromNodeHeaders } from "better-auth/node"
import type { Viewer } from "../access.ts"
import { viewerOfToken } from "./apiTokens.ts"
import type { Auth } from "./auth.ts"

/** A request with an Authorization header is its token's alone: a cookie beside it counts nothing. */
export async function viewerOf(
  database: PrismaClient,
  auth: Auth,
  headers: IncomingHttpHeaders,
): Promise<Viewer | null> {
  const { authorization, cookie } = headers
  if (authorization !== undefined) {
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1]
    return token === undefined ? null : viewerOfToken(database, token)
  }
  if (cookie === undefined) return null
  const session = await auth.api.getSession({ headers: fromNodeHeaders(headers) })
  if (session === null) return null
  const { id, name, email } = session.user
  const members = await database.member.findMany({ where: { userId: id }, select: { teamId: true, role: true } })
  const roles = new Map(members.map(({ teamId, role }) => [teamId, role]))
  return { user: { id, name, email }, roles, sessionId: session.session.id }
}
