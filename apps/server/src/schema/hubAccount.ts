/** A person's account at the Hugging Face Hub. */

import { connectHub, disconnectHub, startHubSignIn } from "../accounts/hubAccount.ts"
import { builder } from "./builder.ts"

const HubAccount = builder.prismaObject("HubAccount", {
  description: "The viewer's account at the Hub; its token is stored sealed and never shown.",
  fields: (t) => ({
    hubUser: t.exposeString("hubUser"),
    expiresAt: t.expose("expiresAt", {
      type: "DateTime",
      nullable: true,
      description: "When a sign-in ends and is to be repeated; absent for a token that the viewer made.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
  }),
})

builder.queryField("hubAccount", (t) =>
  t.prismaField({
    type: HubAccount,
    nullable: true,
    resolve: (query, _root, _args, { database, viewer }) =>
      viewer === null ? null : database.hubAccount.findUnique({ ...query, where: { userId: viewer.user.id } }),
  }),
)

builder.mutationFields((t) => ({
  connectHub: t.field({
    type: HubAccount,
    errors: {},
    description: "Keeps a token of the Hub, after asking the Hub whose it is.",
    args: { token: t.arg.string({ required: true }) },
    resolve: (_root, { token }, context) => connectHub(context, token),
  }),
  disconnectHub: t.field({ type: "Boolean", errors: {}, resolve: (_root, _args, context) => disconnectHub(context) }),
  startHubSignIn: t.field({
    type: "String",
    errors: {},
    description: "The Hub's page on which the viewer lets Fjord in; it leads back to the dashboard.",
    resolve: (_root, _args, context) => startHubSignIn(context),
  }),
}))
