/** Share links: exactly one thing, read-only, for whoever has the link. */

import { ShareKind } from "@fjord/db/prisma"
import { createShareLink, nameOfShared, revokeShareLink } from "../sharing/shareLinks.ts"
import { builder } from "./builder.ts"
import { ShareLink } from "./nodes.ts"

export const ShareKindEnum = builder.enumType(ShareKind, { name: "ShareKind" })

builder.prismaObjectFields(ShareLink, (t) => ({
  kind: t.expose("kind", { type: ShareKindEnum }),
  targetId: t.exposeID("targetId", { description: "Id of the Model (its card), Run or Board." }),
  name: t.string({
    nullable: true,
    description: "Of what it shows; null where that was deleted.",
    resolve: ({ kind, targetId }, _args, { loaders }) => nameOfShared(loaders, kind, targetId),
  }),
  createdBy: t.relation("createdBy", { nullable: true }),
  expiresAt: t.expose("expiresAt", { type: "DateTime", nullable: true }),
  revokedAt: t.expose("revokedAt", { type: "DateTime", nullable: true }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

const CreatedShareLink = builder.objectRef<Awaited<ReturnType<typeof createShareLink>>>("CreatedShareLink").implement({
  fields: (t) => ({
    shareLink: t.field({ type: ShareLink, resolve: ({ shareLink }) => shareLink }),
    url: t.exposeString("url", { description: "The link; shown this once." }),
  }),
})

builder.mutationFields((t) => ({
  createShareLink: t.field({
    type: CreatedShareLink,
    errors: {},
    args: {
      kind: t.arg({ type: ShareKindEnum, required: true }),
      targetId: t.arg.id({ required: true }),
      expiresAt: t.arg({ type: "DateTime", description: "Absent means never." }),
    },
    resolve: (_root, args, context) => createShareLink(context, args),
  }),
  revokeShareLink: t.field({
    type: ShareLink,
    errors: {},
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => revokeShareLink(context, id),
  }),
}))
