/** Links by which a person sets a new password; `/api/auth/reset-password` takes it with the link's token. */

import { openResetLink, type ResetLink } from "../accounts/resetLinks.ts"
import { createResetLink } from "../accounts/teams.ts"
import { builder } from "./builder.ts"

type Preview = NonNullable<Awaited<ReturnType<typeof openResetLink>>>

const ResetLinkPreview = builder.objectRef<Preview>("ResetLinkPreview").implement({
  description: "What the holder of a link to set a new password may see of it.",
  fields: (t) => ({
    name: t.string({ resolve: ({ user }) => user.name }),
    email: t.string({ resolve: ({ user }) => user.email }),
    expiresAt: t.expose("expiresAt", { type: "DateTime" }),
  }),
})

const CreatedResetLink = builder.objectRef<ResetLink>("CreatedResetLink").implement({
  fields: (t) => ({
    url: t.exposeString("url", { description: "The link; shown this once." }),
    expiresAt: t.expose("expiresAt", { type: "DateTime" }),
  }),
})

builder.queryField("resetLink", (t) =>
  t.field({
    type: ResetLinkPreview,
    nullable: true,
    skipTypeScopes: true,
    description: "The link to set a new password; null when it is no longer open.",
    args: { token: t.arg.string({ required: true }) },
    resolve: (_root, { token }, { database }) => openResetLink(database, token),
  }),
)

builder.mutationField("createResetLink", (t) =>
  t.field({
    type: CreatedResetLink,
    errors: {},
    description:
      "A link by which a member sets a new password, once, within 24 hours; it replaces an earlier one. For owners of all the member's teams.",
    args: { memberId: t.arg.id({ required: true }) },
    resolve: (_root, { memberId }, context) => createResetLink(context, memberId),
  }),
)
