/** Where the viewer is signed in. */

import { endSession, liveSessions } from "../accounts/sessions.ts"
import { builder } from "./builder.ts"
import { Session } from "./nodes.ts"

builder.prismaObjectFields(Session, (t) => ({
  userAgent: t.exposeString("userAgent", { nullable: true, description: "What the browser calls itself." }),
  ipAddress: t.exposeString("ipAddress", { nullable: true, description: "Whence it signed in." }),
  current: t.boolean({
    description: "Whether it is the one that asks.",
    resolve: ({ id }, _args, { viewer }) => id === viewer?.sessionId,
  }),
  expiresAt: t.expose("expiresAt", { type: "DateTime" }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))

builder.queryField("sessions", (t) =>
  t.field({
    type: [Session],
    description: "Those of the viewer, the latest first; an API token has none.",
    resolve: (_root, _args, context) => liveSessions(context),
  }),
)

builder.mutationField("endSession", (t) =>
  t.field({
    type: "ID",
    errors: {},
    description: "Signs one of the viewer's own browsers out.",
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }, context) => endSession(context, id),
  }),
)
