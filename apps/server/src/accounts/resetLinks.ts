/**
 * Links by which a person sets a new password: Fjord sends no mail, so an owner makes them, or whoever runs the machine
 * (`npm run password`). better-auth keeps them as its own reset tokens and answers `/api/auth/reset-password`.
 *
 * Whoever makes a link could use it themselves, so it must open nothing to them that is not theirs already:
 * - an owner makes links for people all of whose teams they own, so never for members of somebody else's team;
 * - nobody makes one for the first account of the studio, which can be opened from the machine alone;
 * - nobody makes one for themselves: a session that was left open would be worth the password;
 * - all of this holds when the link is opened and used as well: in a day people join teams and owners are made less;
 * - a password that was set by a link disconnects the Hub account, which is no team's.
 */

import type { PrismaClient, User } from "@fjord/db/prisma"
import { newToken, tokenHash } from "../keys.ts"

const lifetimeMs = 24 * 3600_000

/** How better-auth calls a token. */
export const resetIdentifier = (token: string) => `reset-password:${token}`

/**
 * How a row is called: by the hash of better-auth's name. It must not begin as that name does: better-auth looks for names
 * as they are given too, and whoever reads the table could show the hash as if it were a token.
 */
const rowPrefix = "reset link "
export const hashedResetIdentifier = (identifier: string) => `${rowPrefix}${tokenHash(identifier)}`

/** Of `reset_` and 32 random bytes; what an owner made says `_` and their id after it. */
const bareLength = 49
/** The row's hash is of the whole token, so that nobody can take the owner's id off. */
const makerOf = (token: string) => (token.length > bareLength ? token.slice(bareLength + 1) : undefined)

/** @returns why this owner may not open somebody else's account, or undefined. */
export async function resetRefusal(database: PrismaClient, makerId: string, user: User): Promise<string | undefined> {
  const instead = `Whoever runs the machine can make a link: \`npm run password -- ${user.email}\`.`
  const first = await database.user.findFirst({
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    select: { id: true },
  })
  if (first?.id === user.id)
    return `${user.name} has the studio's first account, which no other account opens. ${instead}`
  const teams = await database.team.findMany({
    where: { members: { some: { userId: user.id } } },
    select: { members: { where: { userId: makerId, role: "OWNER" }, select: { id: true } } },
  })
  if (teams.length === 0 || teams.some(({ members }) => members.length === 0))
    return `${user.name} is in teams that you do not own, and a new password opens those too. ${instead}`
  return undefined
}

export type ResetLink = { readonly url: string; readonly expiresAt: Date }

/** Replaces the person's earlier link. @param makerId the owner who asks; absent on the machine. */
export async function makeResetLink(
  database: PrismaClient,
  studioUrl: string,
  userId: string,
  makerId?: string,
): Promise<ResetLink> {
  const random = newToken("reset").token
  const token = makerId === undefined ? random : `${random}_${makerId}`
  const expiresAt = new Date(Date.now() + lifetimeMs)
  await database.$transaction([
    database.verification.deleteMany({ where: { value: userId, identifier: { startsWith: rowPrefix } } }),
    database.verification.create({
      data: { identifier: hashedResetIdentifier(resetIdentifier(token)), value: userId, expiresAt },
    }),
  ])
  return { url: `${studioUrl}/reset/${token}`, expiresAt }
}

/** Whose password the holder of a link may set, if it can still be used. */
export async function openResetLink(
  database: PrismaClient,
  token: string,
): Promise<{ user: User; expiresAt: Date } | null> {
  const row = await database.verification.findFirst({
    where: { identifier: hashedResetIdentifier(resetIdentifier(token)), expiresAt: { gt: new Date() } },
  })
  const user = row && (await database.user.findUnique({ where: { id: row.value } }))
  if (row === null || user === null) return null
  const makerId = makerOf(token)
  if (makerId !== undefined && (await resetRefusal(database, makerId, user)) !== undefined) return null
  return { user, expiresAt: row.expiresAt }
}
