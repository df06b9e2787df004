/** People, as the members of their teams see them. */

import { ownsStudio } from "../access.ts"
import { builder } from "./builder.ts"
import { User } from "./nodes.ts"
import { RoleEnum } from "./role.ts"

builder.prismaObjectFields(User, (t) => ({ name: t.exposeString("name"), email: t.exposeString("email") }))

const Membership = builder.prismaObject("Member", {
  variant: "Membership",
  description: "A team and the role that the viewer has in it.",
  fields: (t) => ({ team: t.relation("team"), role: t.expose("role", { type: RoleEnum }) }),
})

const Viewer = builder.prismaObject("User", {
  variant: "Viewer",
  description: "Whoever asks.",
  fields: (t) => ({
    user: t.variant(User),
    ownsStudio: t.boolean({
      description: "Whether the viewer may do what concerns all teams, e.g. backups: owners of the first team.",
      resolve: (_viewer, _args, context) => ownsStudio(context),
    }),
    memberships: t.field({
      type: [Membership],
      description: "An API token sees its team alone, with the role that its scopes leave it.",
      select: { members: { include: { team: true }, orderBy: { createdAt: "asc" } } },
      resolve: ({ members }, _args, { viewer }) =>
        members.flatMap((member) => {
          const role = viewer?.roles.get(member.teamId)
          return role === undefined ? [] : [{ ...member, role }]
        }),
    }),
  }),
})

builder.queryField("viewer", (t) =>
  t.prismaField({
    type: Viewer,
    nullable: true,
    skipTypeScopes: true,
    description: "Whoever asks; null when signed out.",
    resolve: (query, _root, _args, { viewer, database }) =>
      viewer === null ? null : database.user.findUnique({ ...query, where: { id: viewer.user.id } }),
  }),
)
