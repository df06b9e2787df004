/** What has served its time is removed, and runs whose worker is silent are given back. */

import { readdir, rm, stat, utimes } from "node:fs/promises"
import { dirname, join } from "node:path"
import { type DatabaseClock, freedSweepSeconds, modelFolderSweep, sweepFreedFiles, watchSilentRuns } from "@fjord/db"
import type { Studio } from "./context.ts"
import { sweepThumbnails, thumbnailFolder } from "./files/thumbnails.ts"
import { smallFilesFolder } from "./models/smallFiles.ts"

const tidyMs = 3600_000
const clockMs = 60_000
const dayMs = 24 * 3600_000

/** Uploads, sessions and the like that have expired, and deliveries of webhooks that nobody looks up any more. */
export async function tidy({ database, incoming }: Pick<Studio, "database" | "incoming">): Promise<void> {
  const yesterday = new Date(Date.now() - dayMs)
  await removeLeftIncoming(incoming, yesterday)
  const expired = await database.upload.findMany({
    where: { expiresAt: { lt: yesterday } },
    select: { id: true },
    take: 10_000,
  })
  const ids = expired.map(({ id }) => id)
  await database.setting.deleteMany({ where: { key: { in: ids.map((id) => `settings of upload ${id}`) } } })
  await database.upload.deleteMany({ where: { id: { in: ids } } })
  await database.session.deleteMany({ where: { expiresAt: { lt: yesterday } } })
  await database.verification.deleteMany({ where: { expiresAt: { lt: yesterday } } })
  await database.rateLimit.deleteMany({ where: { lastRequest: { lt: BigInt(yesterday.getTime()) } } })
  await database.webhookDelivery.deleteMany({ where: { createdAt: { lt: new Date(Date.now() - 30 * dayMs) } } })
}

/** A server that was killed leaves its folder of uploads behind; one that lives touches its own every hour. */
async function removeLeftIncoming(own: string, before: Date) {
  const now = new Date()
  await utimes(own, now, now)
  for (const name of await readdir(dirname(own))) {
    if (!name.startsWith("incoming-")) continue
    const folder = join(dirname(own), name)
    const touched = (await stat(folder).catch(() => undefined))?.mtime
    if (touched !== undefined && touched < before) await rm(folder, { recursive: true, force: true })
  }
}

/** @returns what ends it. */
export function keepHouse(studio: Studio, clock: DatabaseClock): () => void {
  const { database, files, log } = studio
  const failed = (error: unknown) => log.warn({ error }, "housekeeping failed")
  const sweepSmallFiles = modelFolderSweep(database, smallFilesFolder(studio))
  const timers = [
    setInterval(() => void tidy(studio).catch(failed), tidyMs),
    setInterval(() => void sweepSmallFiles().catch(failed), tidyMs),
    setInterval(() => void sweepThumbnails(database, thumbnailFolder(studio)).catch(failed), tidyMs),
    setInterval(() => void clock.measure().catch(failed), clockMs),
    // Workers do too; who deletes wants the room while none of them runs.
    setInterval(() => void sweepFreedFiles(database, files).catch(failed), freedSweepSeconds * 1000),
  ]
  // Workers look for silent runs too; a server alone must not show dead runs as running either.
  const leaveSilentRuns = watchSilentRuns(database, failed)
  return () => {
    timers.forEach(clearInterval)
    leaveSilentRuns()
  }
}
