/** The state of all runs of a team, live. */

import { followTeam } from "../runs/followTeam.ts"
import { builder } from "./builder.ts"
import { Run } from "./nodes.ts"

builder.subscriptionField("teamRuns", (t) =>
  t.prismaField({
    type: Run,
    description: "A run of the team whenever its status or progress changes, at most four times a second each.",
    args: { teamId: t.arg.id({ required: true }) },
    subscribe: (_root, { teamId }, context) => followTeam(context, teamId),
    resolve: (query, runId, _args, { database }) => database.run.findUniqueOrThrow({ ...query, where: { id: runId } }),
  }),
)
