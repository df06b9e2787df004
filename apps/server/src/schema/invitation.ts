/** Invitations into a team. */

import { acceptInvitation, inviteMember, openInvitation, revokeInvitation } from "../accounts/invitations.ts"
import { builder } from "./builder.ts"
import { Invitation, Team } from "./nodes.ts"
import { RoleEnum } from "./role.ts"

builder.prismaObjectFields(Invitation, (t) => ({
  email: t.exposeString("email", { nullable: true, description: "Only this address may accept it, where one is set." }),
  role: t.expose("role", { type: RoleEnum }),
  invitedBy: t.relation("invitedBy"),
  expiresAt: t.expose("expiresAt", { type: "DateTime" }),
  acceptedAt: t.expose("acceptedAt", { type: "DateTime", nullable: true }),
  revokedAt: t.expose("revokedAt", { type: "DateTime", nullable: true }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

type Preview = NonNullable<Awaited<ReturnType<typeof openInvitation>>>

const InvitationPreview = builder.objectRef<Preview>("InvitationPreview").implement({
  description: "What the holder of an invitation's link may see of it.",
  fields: (t) => ({
    teamName: t.string({ resolve: ({ team }) => team.name }),
    invitedBy: t.string({ description: "The inviter's name.", resolve: ({ invitedBy }) => invitedBy.name }),
    role: t.expose("role", { type: RoleEnum }),
    email: t.exposeString("email", { nullable: true }),
    expiresAt: t.expose("expiresAt", { type: "DateTime" }),
  }),
})

const CreatedInvitation = builder.objectRef<Awaited<ReturnType<typeof inviteMember>>>("CreatedInvitation").implement({
  fields: (t) => ({
    invitation: t.field({ type: Invitation, resolve: ({ invitation }) => invitation }),
    url: t.exposeString("url", { description: "The link; shown this once." }),
  }),
})

builder.queryField("invitation", (t) =>
  t.field({
    type: InvitationPreview,
    nullable: true,
    skipTypeScopes: true,
    description: "The invitation behind a link; null when it is no longer open.",
    args: { token: t.arg.string({ required: true }) },
    resolve: (_root, { token }, { database }) => openInvitation(database, token),
  }),
)

builder.mutationFields((t) => ({
  inviteMember: t.field({
    type: CreatedInvitation,
    errors: {},
    args: {
      teamId: t.arg.id({ required: true }),
      email: t.arg.string({ description: "Only this address may accept; anybody with the link where absent." }),
      role: t.arg({ type: RoleEnum, required: true }),
    },
    resolve: (_root, args, context) => inviteMember(context, args),
  }),
  revokeInvitation: t.field({
    type: Invitation,
    errors: {},
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => revokeInvitation(context, id),
  }),
  acceptInvitation: t.field({
    type: Team,
    errors: {},
    args: { token: t.arg.string({ required: true }) },
    resolve: (_root, { token }, context) => acceptInvitation(context, token),
  }),
}))
