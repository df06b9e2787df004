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

/** @returns null when the token is unknown, revoked or expired, or its user is no longer in the team. */
export async function viewerOfToken(database: PrismaClient, token: string): Promise<Viewer | null> {
  const found = await database.apiToken.findUnique({
    where: { hash: tokenHash(token) },
    include: { user: { include: { members: true } } },
  })
  const now = new Date()
  if (found === null || found.revokedAt !== null || (found.expiresAt !== null && found.expiresAt <= now)) return null
  const member = found.user.members.find(({ teamId }) => teamId === found.teamId)
  const widest = scopesByWidth.find((scope) => found.scopes.includes(scope))
  if (member === undefined || widest === undefined) return null
  // Once a minute is exact enough to see which tokens are in use.
  if (found.lastUsedAt === null || now.getTime() - found.lastUsedAt.getTime() > 60_000)
    await database.apiToken.updateMany({ where: { id: found.id }, data: { lastUsedAt: now } })
  const { id, name, email } = found.user
  return {
    user: { id, name, email },
    roles: new Map([[found.teamId, lowerRole(member.role, scopeRole[widest])]]),
    tokenId: found.id,
  }
}
