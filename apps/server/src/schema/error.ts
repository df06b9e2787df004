/** Expected failures as types of the schema. */

import { ConflictError, type ExpectedError, ForbiddenError, InputError, NotFoundError } from "../expectedError.ts"
import { builder } from "./builder.ts"

const ErrorInterface = builder.interfaceRef<ExpectedError>("Error").implement({
  description: "A failure that people cause and can mend; `message` may be shown as it is.",
  fields: (t) => ({ message: t.exposeString("message") }),
})

builder.objectType(InputError, {
  name: "InputError",
  description: "Something given is not acceptable.",
  interfaces: [ErrorInterface],
  fields: (t) => ({
    field: t.string({
      nullable: true,
      description: "Which input, where one is to blame.",
      resolve: (error) => error.field ?? null,
    }),
  }),
})
builder.objectType(NotFoundError, {
  name: "NotFoundError",
  description: "It is not there, or it belongs to a team of which the asker is no member.",
  interfaces: [ErrorInterface],
})
builder.objectType(ForbiddenError, {
  name: "ForbiddenError",
  description: "Not signed in, or too low a role.",
  interfaces: [ErrorInterface],
})
builder.objectType(ConflictError, {
  name: "ConflictError",
  description: "What is asked for contradicts the present state.",
  interfaces: [ErrorInterface],
})
