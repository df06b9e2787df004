/** Teams and who is in them. */

import type { Member, Role, Team } from "@fjord/db/prisma"
import { owned, person, requireRole } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError, ForbiddenError, InputError, NotFoundError } from "../expectedError.ts"
import { giveStarterModel } from "../models/starterModel.ts"
import { checkedName } from "../text.ts"
import { announceMembership } from "./membership.ts"
import { makeResetLink, type ResetLink, resetRefusal } from "./resetLinks.ts"

export async function createTeam(context: Context, name: string): Promise<Team> {
  const viewer = person(context)
  const team = await context.database.team.create({
    data: { name: checkedName(name), members: { create: { userId: viewer.user.id, role: "OWNER" } } },
  })
  await giveStarterModel(context.database, team.id)
  return team
}

export async function renameTeam(context: Context, id: string, name: string): Promise<Team> {
  requireRole(context, id, "OWNER")
  return context.database.team.update({ where: { id }, data: { name: checkedName(name) } })
}

/** Deletes the team with everything in it. `name` must be typed again, since nothing brings it back. */
export async function deleteTeam(context: Context, id: string, name: string): Promise<string> {
  person(context)
  requireRole(context, id, "OWNER")
  const team = await context.database.team.findUnique({ where: { id } })
  if (team === null) throw new NotFoundError("team")
  if (team.name !== name) throw new InputError(`Type the team's name, ${team.name}, to delete it.`, "name")
  const busy = await context.database.run.count({ where: { teamId: id, status: { in: ["QUEUED", "RUNNING"] } } })
  if (busy > 0) throw new ConflictError(`${busy} runs of the team are queued or running; cancel them first.`)
  const members = await context.database.member.findMany({ where: { teamId: id } })
  await context.database.team.delete({ where: { id } })
  for (const member of members) await announceMembership(context.database, member.userId)
  return id
}

/** A team always keeps an owner; otherwise nobody could administer it. */
async function mustKeepAnOwner(context: Context, member: Member) {
  if (member.role !== "OWNER") return
  const owners = await context.database.member.count({ where: { teamId: member.teamId, role: "OWNER" } })
  if (owners < 2) throw new ConflictError("This is the team's only owner; make somebody else owner first.")
}

export async function changeRole(context: Context, memberId: string, role: Role): Promise<Member> {
  person(context)
  const member = await owned(
    context,
    "OWNER",
    "member",
    context.database.member.findUnique({ where: { id: memberId } }),
  )
  if (role !== "OWNER") await mustKeepAnOwner(context, member)
  const changed = await context.database.member.update({ where: { id: memberId }, data: { role } })
  await announceMembership(context.database, member.userId)
  return changed
}

/** Owners remove anybody; everybody may leave. */
export async function removeMember(context: Context, memberId: string): Promise<string> {
  const viewer = person(context)
  const found = context.database.member.findUnique({ where: { id: memberId } })
  const member = await owned(context, "VIEWER", "member", found)
  if (member.userId !== viewer.user.id) requireRole(context, member.teamId, "OWNER", "member")
  await mustKeepAnOwner(context, member)
  const removed = await context.database.member.deleteMany({ where: { id: memberId } })
  if (removed.count === 0) throw new NotFoundError("member")
  await context.database.apiToken.updateMany({
    where: { teamId: member.teamId, userId: member.userId, revokedAt: null },
    data: { revokedAt: new Date() },
  })
  await announceMembership(context.database, member.userId)
  return memberId
}

/** A link by which a member sets a new password. @throws ForbiddenError where it would open more than the asker owns. */
export async function createResetLink(context: Context, memberId: string): Promise<ResetLink> {
  const maker = person(context).user
  const { database, url } = context
  const found = database.member.findUnique({ where: { id: memberId }, include: { user: true } })
  const { user } = await owned(context, "OWNER", "member", found)
  if (user.id === maker.id) throw new ConflictError("Your own password is changed in the settings.")
  const refusal = await resetRefusal(database, maker.id, user)
  if (refusal !== undefined) throw new ForbiddenError(refusal)
  context.log.info({ by: maker.id, for: user.id }, "a link to set a new password was made")
  return makeResetLink(database, url, user.id, maker.id)
}

/** @throws ForbiddenError unless the asker may grant this role. */
export function mayGrant(context: Context, teamId: string, role: Role) {
  const viewer = requireRole(context, teamId, "OWNER")
  if (viewer.tokenId !== undefined && role === "OWNER") throw new ForbiddenError("An API token makes nobody owner.")
  return viewer
}
