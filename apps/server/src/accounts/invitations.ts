/** Invitations into a team: a link that is shown once; stored is its hash. */

import type { Invitation, Prisma, PrismaClient, Role, Team } from "@fjord/db/prisma"
import { owned, person } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError, ForbiddenError, InputError, NotFoundError } from "../expectedError.ts"
import { newToken, tokenHash } from "../keys.ts"
import { announceMembership } from "./membership.ts"
import { mayGrant } from "./teams.ts"

const lifetimeMs = 7 * 24 * 3600 * 1000
const address = /^[^\s@]{1,64}@[^\s@]{1,255}$/

export async function inviteMember(
  context: Context,
  { teamId, email, role }: { teamId: string; email?: string | null | undefined; role: Role },
): Promise<{ invitation: Invitation; url: string }> {
  const viewer = mayGrant(context, teamId, role)
  const only = email?.trim().toLowerCase()
  if (only !== undefined && !address.test(only))
    throw new InputError(`${JSON.stringify(email)} is no e-mail address.`, "email")
  if (only !== undefined) {
    const member = await context.database.member.findFirst({ where: { teamId, user: { email: only } } })
    if (member !== null) throw new ConflictError(`${only} is already a member of this team.`)
  }
  const { token, hash } = newToken("invite")
  const invitation = await context.database.invitation.create({
    data: {
      teamId,
      invitedById: viewer.user.id,
      role,
      email: only ?? null,
      tokenHash: hash,
      expiresAt: new Date(Date.now() + lifetimeMs),
    },
  })
  return { invitation, url: `${context.url}/invitations/${token}` }
}

export async function revokeInvitation(context: Context, id: string): Promise<Invitation> {
  await owned(context, "OWNER", "invitation", context.database.invitation.findUnique({ where: { id } }))
  return context.database.invitation.update({ where: { id }, data: { revokedAt: new Date() } })
}

const open = (token: string): Prisma.InvitationWhereInput => ({
  tokenHash: tokenHash(token),
  acceptedAt: null,
  revokedAt: null,
  expiresAt: { gt: new Date() },
})

/** The invitation behind a link, if it can still be accepted. */
export const openInvitation = (database: PrismaClient, token: string) =>
  database.invitation.findFirst({ where: open(token), include: { team: true, invitedBy: true } })

/** Makes the user a member, once: of two who race with one link, one wins. */
export async function acceptAs(
  database: PrismaClient,
  user: { id: string; email: string },
  token: string,
): Promise<Team> {
  const invitation = await openInvitation(database, token)
  if (invitation === null) throw new NotFoundError("invitation that can still be accepted")
  if (invitation.email !== null && invitation.email !== user.email.toLowerCase())
    throw new ForbiddenError(`This invitation is for ${invitation.email}; you are signed in as ${user.email}.`)
  const { teamId, role } = invitation
  const userId = user.id
  await database.$transaction(async (transaction) => {
    const taken = await transaction.invitation.updateMany({ where: open(token), data: { acceptedAt: new Date() } })
    if (taken.count === 0) throw new NotFoundError("invitation that can still be accepted")
    // Whoever is a member already keeps their role: a link never takes rights away.
    await transaction.member.upsert({
      where: { teamId_userId: { teamId, userId } },
      create: { teamId, userId, role },
      update: {},
    })
  })
  return invitation.team
}

export async function acceptInvitation(context: Context, token: string): Promise<Team> {
  const viewer = person(context)
  const team = await acceptAs(context.database, viewer.user, token)
  await announceMembership(context.database, viewer.user.id)
  return team
}
