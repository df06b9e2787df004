/** The builder of the schema: its plugins, its scalars and what every type agrees on. */

import { getDatamodel, type default as PrismaTypes } from "@fjord/db/pothos"
import type { PrismaClient } from "@fjord/db/prisma"
import SchemaBuilder from "@pothos/core"
import ErrorsPlugin from "@pothos/plugin-errors"
import PrismaPlugin from "@pothos/plugin-prisma"
import RelayPlugin from "@pothos/plugin-relay"
import ScopeAuthPlugin from "@pothos/plugin-scope-auth"
import type { Context } from "../context.ts"
import { ConflictError, ForbiddenError, InputError, NotFoundError } from "../expectedError.ts"

export const builder = new SchemaBuilder<{
  Context: Context
  PrismaTypes: PrismaTypes
  DefaultFieldNullability: false
  AuthScopes: { signedIn: boolean }
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date }
    JSON: { Input: unknown; Output: unknown }
  }
}>({
  defaultFieldNullability: false,
  // Errors come first, so that a refusal by a scope is an expected error too.
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, PrismaPlugin],
  prisma: {
    client: (context: Context): PrismaClient => context.database,
    dmmf: getDatamodel(),
    defaultConnectionSize: 20,
    maxConnectionSize: 200,
    onUnusedQuery: null,
  },
  relay: {
    // Ids are random and unique across tables, and the addresses of the dashboard hold them as they are.
    encodeGlobalID: (_type, id) => String(id),
    decodeGlobalID: (id) => ({ typename: "", id }),
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    cursorType: "String",
  },
  errors: { defaultTypes: [InputError, NotFoundError, ForbiddenError, ConflictError] },
  scopeAuth: {
    authScopes: (context) => ({ signedIn: context.viewer !== null }),
    unauthorizedError: () => new ForbiddenError("Sign in first, or send an API token."),
  },
})

builder.queryType({ authScopes: { signedIn: true } })
builder.mutationType({ authScopes: { signedIn: true } })
builder.subscriptionType({ authScopes: { signedIn: true } })
