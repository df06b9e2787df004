/** Roles and scopes. */

import { Role, TokenScope } from "@fjord/db/prisma"
import { builder } from "./builder.ts"

export const RoleEnum = builder.enumType(Role, {
  name: "Role",
  description: "Viewers read, editors write, owners administer.",
})

export const TokenScopeEnum = builder.enumType(TokenScope, {
  name: "TokenScope",
  description: "READ is a viewer's right, WRITE an editor's, ADMIN an owner's; never more than the user's own role.",
})
