/** What the dashboard must know before anybody signs in. */

import { signUpOpen } from "../accounts/signUp.ts"
import { version } from "../version.ts"
import { builder } from "./builder.ts"

const Setup = builder.objectRef<{ signUpOpen: boolean; hasStarterModel: boolean }>("Setup").implement({
  description: "The state of this studio.",
  fields: (t) => ({
    signUpOpen: t.exposeBoolean("signUpOpen", {
      description: "Whether anybody may sign up: only until the first account exists; afterwards with an invitation.",
    }),
    version: t.string({ resolve: () => version }),
    hasStarterModel: t.exposeBoolean("hasStarterModel", {
      description: "Whether the starter model lies on this machine.",
    }),
    hubSignIn: t.boolean({
      description: "Whether people can connect the Hugging Face Hub by signing in there.",
      resolve: (_setup, _args, { environment }) => environment.HF_OAUTH_CLIENT_ID !== undefined,
    }),
  }),
})

builder.queryField("setup", (t) =>
  t.field({
    type: Setup,
    skipTypeScopes: true,
    resolve: async (_root, _args, { database, hasStarterModel }) => ({
      signUpOpen: await signUpOpen(database),
      hasStarterModel,
    }),
  }),
)
