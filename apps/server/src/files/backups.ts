/** Backups of the whole studio, streamed to whoever takes them away: no second copy lies on the studio's own disk. */

import { backupEntries, backupState, beginBackup, notify, topics } from "@fjord/db"
import type { Backup } from "@fjord/db/prisma"
import { requireStudioOwner, studioTeamId } from "../access.ts"
import type { Context } from "../context.ts"
import { ConflictError, NotFoundError } from "../expectedError.ts"
import { followList } from "../followList.ts"
import type { Download } from "./downloads.ts"

export async function createBackup(context: Context): Promise<Backup> {
  const { user } = await requireStudioOwner(context)
  const backup = await context.database.backup.create({ data: { createdById: user.id } })
  await notify(context.database, topics.backups)
  return backup
}

/** As many as anybody watches. */
const followed = 20

/** @throws ForbiddenError at once, not in the stream. */
export async function followBackups(context: Context): Promise<AsyncIterable<Backup[]>> {
  await requireStudioOwner(context)
  const first = (await studioTeamId(context)) ?? ""
  return followList(context, {
    topic: topics.backups,
    may: ({ roles }) => roles.get(first) === "OWNER",
    read: () => context.database.backup.findMany({ orderBy: [{ createdAt: "desc" }, { id: "desc" }], take: followed }),
    state: (backup) => backupState(backup),
  })
}

/** Null for one in a folder, which `npm run backup` wrote. */
export const backupUrl = ({ id, folder }: Backup) => (folder === null ? `/backups/${id}.zip` : null)

/** @throws NotFoundError, ForbiddenError, and ConflictError while the same one is being downloaded. */
export async function backupDownload(context: Context, id: string): Promise<Download> {
  await requireStudioOwner(context)
  const { database, environment, files, log } = context
  const backup = await database.backup.findUnique({ where: { id } })
  if (backup === null || backupUrl(backup) === null) throw new NotFoundError("backup")
  if (backupState(backup) === "RUNNING") throw new ConflictError("This backup is being downloaded already.")
  const entries = async function* () {
    const tracked = await beginBackup(database, id)
    let whole = false
    try {
      yield* backupEntries(environment.DATABASE_URL, files, tracked.onProgress)
      whole = true
    } catch (error) {
      log.error({ error, backupId: id }, "a backup failed")
      throw error
    } finally {
      // A reader that goes away ends this here, without an error.
      await tracked.end(whole ? undefined : "It broke off before its end; download it again.").catch(() => {})
    }
  }
  return { name: `fjord backup ${new Date().toISOString().slice(0, 16).replace("T", " ")}`, entries: entries() }
}
