/** API tokens. */

import { createApiToken, revokeApiToken } from "../accounts/apiTokens.ts"
import { builder } from "./builder.ts"
import { ApiToken } from "./nodes.ts"
import { TokenScopeEnum } from "./role.ts"

builder.prismaObjectFields(ApiToken, (t) => ({
  name: t.exposeString("name"),
  prefix: t.exposeString("prefix", { description: "Its first characters, to recognise it by." }),
  scopes: t.expose("scopes", { type: [TokenScopeEnum] }),
  user: t.relation("user"),
  lastUsedAt: t.expose("lastUsedAt", { type: "DateTime", nullable: true }),
  expiresAt: t.expose("expiresAt", { type: "DateTime", nullable: true }),
  revokedAt: t.expose("revokedAt", { type: "DateTime", nullable: true }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

const CreatedApiToken = builder.objectRef<Awaited<ReturnType<typeof createApiToken>>>("CreatedApiToken").implement({
  fields: (t) => ({
    apiToken: t.field({ type: ApiToken, resolve: ({ apiToken }) => apiToken }),
    token: t.exposeString("token", { description: "The token; shown this once." }),
  }),
})

builder.mutationFields((t) => ({
  createApiToken: t.field({
    type: CreatedApiToken,
    errors: {},
    args: {
      teamId: t.arg.id({ required: true }),
      name: t.arg.string({ required: true }),
      scopes: t.arg({ type: [TokenScopeEnum], required: true }),
      expiresAt: t.arg({ type: "DateTime" }),
    },
    resolve: (_root, args, context) => createApiToken(context, args),
  }),
  revokeApiToken: t.field({
    type: ApiToken,
    errors: {},
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => revokeApiToken(context, id),
  }),
}))
