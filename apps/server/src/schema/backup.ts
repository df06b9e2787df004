/** Backups of the whole studio; for its owners. */

import { type BackupState, backupState } from "@fjord/db"
import { requireStudioOwner } from "../access.ts"
import { backupUrl, createBackup, followBackups } from "../files/backups.ts"
import { builder } from "./builder.ts"
import { Backup } from "./nodes.ts"

const BackupStateEnum = builder.enumType("BackupState", {
  description: "WAITING to be downloaded, RUNNING, DONE when all of it was taken, or FAILED.",
  values: ["WAITING", "RUNNING", "DONE", "FAILED"] as const satisfies readonly BackupState[],
})

const bytes = (value: bigint | null) => (value === null ? null : Number(value))

builder.prismaObjectFields(Backup, (t) => ({
  state: t.field({ type: BackupStateEnum, resolve: (backup) => backupState(backup) }),
  downloadUrl: t.string({
    nullable: true,
    description: "A ZIP file, made while it is downloaded; null for one that `npm run backup` wrote into `folder`.",
    resolve: backupUrl,
  }),
  folder: t.exposeString("folder", { nullable: true }),
  createdBy: t.relation("createdBy", { nullable: true }),
  rows: t.exposeInt("rows", { description: "Rows so far, or in all when it is DONE; so are `files` and `bytes`." }),
  files: t.exposeInt("files"),
  bytes: t.float({ resolve: (backup) => Number(backup.bytes) }),
  totalBytes: t.float({
    nullable: true,
    description: "Bytes of all files; known once all rows are written.",
    resolve: ({ totalBytes }) => bytes(totalBytes),
  }),
  problem: t.string({
    nullable: true,
    resolve: (backup) =>
      backup.problem ?? (backupState(backup) === "FAILED" ? "Whoever made it ended without a word." : null),
  }),
  createdAt: t.expose("createdAt", { type: "DateTime" }),
  startedAt: t.expose("startedAt", { type: "DateTime", nullable: true }),
  finishedAt: t.expose("finishedAt", { type: "DateTime", nullable: true }),
}))

builder.queryField("backups", (t) =>
  t.prismaConnection({
    type: Backup,
    cursor: "id",
    description: "The studio's backups, the latest first; for owners of the studio.",
    totalCount: async (_root, _args, context) => {
      await requireStudioOwner(context)
      return context.database.backup.count()
    },
    resolve: async (query, _root, _args, context) => {
      await requireStudioOwner(context)
      return context.database.backup.findMany({ ...query, orderBy: [{ createdAt: "desc" }, { id: "desc" }] })
    },
  }),
)

builder.mutationField("createBackup", (t) =>
  t.field({
    type: Backup,
    errors: {},
    description:
      "Prepares a backup of all teams; it is made while `downloadUrl` is downloaded. For owners of the studio.",
    resolve: (_root, _args, context) => createBackup(context),
  }),
)

builder.subscriptionField("backupsChanged", (t) =>
  t.field({
    type: [Backup],
    description: "The latest backups, whenever one comes, gets on or ends; for owners of the studio.",
    subscribe: (_root, _args, context) => followBackups(context),
    resolve: (backups) => backups,
  }),
)
