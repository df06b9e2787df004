/** API tokens: shown once, stored hashed, confined to one team and to their scopes. */

import type { ApiToken, PrismaClient, Role, TokenScope } from "@fjord/db/prisma"
import { lowerRole, owned, person, requireRole, signedIn, type Viewer } from "../access.ts"
import type { Context } from "../context.ts"
import { InputError } from "../expectedError.ts"
import { newToken, tokenHash } from "../keys.ts"
import { checkedName } from "../text.ts"

const scopeRole: Record<TokenScope, Role> = { READ: "VIEWER", WRITE: "EDITOR", ADMIN: "OWNER" }
const scopesByWidth: readonly TokenScope[] = ["ADMIN", "WRITE", "READ"]

export async function createApiToken(
  context: Context,
  input: { teamId: string; name: string; scopes: readonly TokenScope[]; expiresAt?: Date | null | undefined },
): Promise<{ apiToken: ApiToken; token: string }> {
  const viewer = person(context)
  requireRole(context, input.teamId, "VIEWER")
  const widest = scopesByWidth.find((scope) => input.scopes.includes(scope))
  if (widest === undefined) throw new InputError("A token needs at least one of READ, WRITE and ADMIN.", "scopes")
  requireRole(context, input.teamId, scopeRole[widest])
  if (input.expiresAt && input.expiresAt <= new Date())
    throw new InputError("The token would have expired already.", "expiresAt")
  const { token, hash } = newToken("fjord")
  const apiToken = await context.database.apiToken.create({
    data: {
      teamId: input.teamId,
      userId: viewer.user.id,
      name: checkedName(input.name),
      hash,
      prefix: token.slice(0, 12),
      scopes: [...new Set(input.scopes)],
      expiresAt: input.expiresAt ?? null,
    },
  })
  return { apiToken, token }
}

/** A person revokes their own, a token itself, owners everybody's. */
export async function revokeApiToken(context: Context, id: string): Promise<ApiToken> {
  const found = context.database.apiToken.findUnique({ where: { id } })
  const token = await owned(context, "VIEWER", "API token", found)
  const { user, tokenId } = signedIn(context)
  const own = tokenId === undefined ? token.userId === user.id : token.id === tokenId
  if (!own) requireRole(context, token.teamId, "OWNER", "API token")
  return context.database.apiToken.update({ where: { id }, data: { revokedAt: token.revokedAt ?? new Date() } })
}

type TokenRow = {
  id: string
  teamId: string
  scopes: TokenScope[]
  lastUsedAt: Date | null
  expiresAt: Date | null
  userId: string
  name: string
  email: string
  role: Role
}

/** @returns null when the token is unknown, revoked or expired, or its user is no longer in the team. */
export async function viewerOfToken(database: PrismaClient, token: string): Promise<Viewer | null> {
  // Asked with every request of a program: one statement.
  const [found] = await database.$queryRaw<TokenRow[]>`
    SELECT t.id, t."teamId", t.scopes::text[] AS scopes, t."lastUsedAt", t."expiresAt", u.id AS "userId", u.name, u.email, m.role::text AS role
    FROM "ApiToken" t JOIN "User" u ON u.id = t."userId"
    JOIN "Member" m ON m."userId" = t."userId" AND m."teamId" = t."teamId"
    WHERE t.hash = ${tokenHash(token)} AND t."revokedAt" IS NULL`
  const widest = scopesByWidth.find((scope) => found?.scopes.includes(scope))
  if (found === undefined || widest === undefined) return null
  const { id, teamId, lastUsedAt, expiresAt, userId, name, email, role } = found
  const now = new Date()
  if (expiresAt !== null && expiresAt <= now) return null
  // Once a minute is exact enough to see which tokens are in use.
  if (lastUsedAt === null || now.getTime() - lastUsedAt.getTime() > 60_000)
    await database.apiToken.updateMany({ where: { id }, data: { lastUsedAt: now } })
  return {
    user: { id: userId, name, email },
    roles: new Map([[teamId, lowerRole(role, scopeRole[widest])]]),
    tokenId: id,
  }
}
