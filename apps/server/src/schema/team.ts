/** Teams and their members. */

import { inTeam, requireRole, teamIds } from "../access.ts"
import { changeRole, createTeam, deleteTeam, removeMember, renameTeam } from "../accounts/teams.ts"
import { builder } from "./builder.ts"
import { ApiToken, Invitation, Member, ShareLink, Team, Webhook } from "./nodes.ts"
import { RoleEnum } from "./role.ts"

builder.prismaObjectFields(Member, (t) => ({
  user: t.relation("user"),
  role: t.expose("role", { type: RoleEnum }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

builder.prismaObjectFields(Team, (t) => ({
  name: t.exposeString("name"),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
  members: t.relatedConnection("members", { cursor: "id", totalCount: true, query: { orderBy: { createdAt: "asc" } } }),
  invitations: t.prismaConnection({
    type: Invitation,
    cursor: "id",
    description: "Those that are still open; for owners.",
    totalCount: (team, _args, context) =>
      context.database.invitation.count({ where: openIn(inTeam(context, team.id, "OWNER").teamId) }),
    resolve: (query, team, _args, context) => {
      requireRole(context, team.id, "OWNER")
      return context.database.invitation.findMany({ ...query, where: openIn(team.id), orderBy: { createdAt: "desc" } })
    },
  }),
  apiTokens: t.prismaConnection({
    type: ApiToken,
    cursor: "id",
    description: "The viewer's own; owners see everybody's.",
    resolve: (query, team, _args, context) => {
      const viewer = requireRole(context, team.id, "VIEWER")
      const everybodys = viewer.roles.get(team.id) === "OWNER"
      return context.database.apiToken.findMany({
        ...query,
        where: { teamId: team.id, ...(everybodys ? {} : { userId: viewer.user.id }) },
        orderBy: { createdAt: "desc" },
      })
    },
  }),
  shareLinks: t.prismaConnection({
    type: ShareLink,
    cursor: "id",
    resolve: (query, team, _args, context) => {
      requireRole(context, team.id, "EDITOR")
      const where = { teamId: team.id, revokedAt: null }
      return context.database.shareLink.findMany({ ...query, where, orderBy: { createdAt: "desc" } })
    },
  }),
  webhooks: t.prismaConnection({
    type: Webhook,
    cursor: "id",
    resolve: (query, team, _args, context) => {
      requireRole(context, team.id, "OWNER")
      return context.database.webhook.findMany({ ...query, where: { teamId: team.id }, orderBy: { createdAt: "desc" } })
    },
  }),
}))

const openIn = (teamId: string) => ({ teamId, acceptedAt: null, revokedAt: null, expiresAt: { gt: new Date() } })

builder.queryFields((t) => ({
  team: t.prismaField({
    type: Team,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: (query, _root, { id }, context) =>
      context.database.team.findFirst({ ...query, where: { AND: [{ id }, { id: { in: teamIds(context) } }] } }),
  }),
  teams: t.prismaField({
    type: [Team],
    resolve: (query, _root, _args, context) =>
      context.database.team.findMany({
        ...query,
        where: { id: { in: teamIds(context) } },
        orderBy: { createdAt: "asc" },
      }),
  }),
}))

builder.mutationFields((t) => ({
  createTeam: t.field({
    type: Team,
    errors: {},
    args: { name: t.arg.string({ required: true }) },
    resolve: (_root, { name }, context) => createTeam(context, name),
  }),
  renameTeam: t.field({
    type: Team,
    errors: {},
    args: { id: t.arg.id({ required: true }), name: t.arg.string({ required: true }) },
    resolve: (_root, { id, name }, context) => renameTeam(context, id, name),
  }),
  deleteTeam: t.field({
    type: "ID",
    errors: {},
    description: "Deletes the team with everything in it; `name` is its name, typed again.",
    args: { id: t.arg.id({ required: true }), name: t.arg.string({ required: true }) },
    resolve: (_root, { id, name }, context) => deleteTeam(context, id, name),
  }),
  changeRole: t.field({
    type: Member,
    errors: {},
    args: { memberId: t.arg.id({ required: true }), role: t.arg({ type: RoleEnum, required: true }) },
    resolve: (_root, { memberId, role }, context) => changeRole(context, memberId, role),
  }),
  removeMember: t.field({
    type: "ID",
    errors: {},
    description: "Removes somebody from the team, or lets the asker leave it.",
    args: { memberId: t.arg.id({ required: true }) },
    resolve: (_root, { memberId }, context) => removeMember(context, memberId),
  }),
}))
