/** What runs leave to be downloaded: results of transfers, latents of generations. */

import { downloadUrl } from "../files/address.ts"
import { builder } from "./builder.ts"

export const RunFile = builder.prismaObject("RunFile", {
  description: "A file that a run has made to be downloaded.",
  fields: (t) => ({
    path: t.exposeString("path"),
    hash: t.exposeString("hash"),
    byteSize: t.float({
      select: { file: { select: { byteSize: true } } },
      resolve: ({ file }) => Number(file.byteSize),
    }),
    url: t.string({
      select: { hash: true, path: true, run: { select: { teamId: true } } },
      resolve: ({ hash, path, run }, _args, context) =>
        downloadUrl(context, run.teamId, hash, path.slice(path.lastIndexOf("/") + 1)),
    }),
  }),
})
