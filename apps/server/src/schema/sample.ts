/** Samples: images made during training. */

import { fileUrl, thumbnailUrl } from "../files/address.ts"
import { builder } from "./builder.ts"
import { Sample } from "./nodes.ts"

const place = { hash: true, run: { select: { teamId: true } } } as const

builder.prismaObjectFields(Sample, (t) => ({
  step: t.exposeInt("step"),
  promptIndex: t.exposeInt("promptIndex", { description: "Place of the prompt among the run's validation prompts." }),
  prompt: t.exposeString("prompt"),
  seed: t.float({ resolve: ({ seed }) => Number(seed) }),
  url: t.string({ select: place, resolve: ({ hash, run }, _args, context) => fileUrl(context, run.teamId, hash) }),
  thumbnailUrl: t.string({
    args: { size: t.arg.int({ required: true, defaultValue: 256 }) },
    select: place,
    resolve: ({ hash, run }, { size }, context) => thumbnailUrl(context, run.teamId, hash, size),
  }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
}))
