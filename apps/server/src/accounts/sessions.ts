/** Where a person is signed in. */

import type { Session } from "@fjord/db/prisma"
import { person, signedIn } from "../access.ts"
import type { Context } from "../context.ts"
import { NotFoundError } from "../expectedError.ts"
import { announceMembership } from "./membership.ts"

const mostSessions = 100

/** The latest first; a program is signed in nowhere. */
export async function liveSessions(context: Context): Promise<Session[]> {
  const { user, tokenId } = signedIn(context)
  if (tokenId !== undefined) return []
  return context.database.session.findMany({
    where: { userId: user.id, expiresAt: { gt: new Date() } },
    orderBy: { createdAt: "desc" },
    take: mostSessions,
  })
}

/** @throws NotFoundError for a session that is not one's own, or has ended. */
export async function endSession(context: Context, id: string): Promise<string> {
  const { user } = person(context)
  const { count } = await context.database.session.deleteMany({ where: { id, userId: user.id } })
  if (count === 0) throw new NotFoundError("session")
  await announceMembership(context.database, user.id)
  return id
}
