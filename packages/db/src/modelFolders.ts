/**
 * Folders ID that hold the files of the model ID on one machine, laid out once for all that use them, and folders ID.UUID,
 * in which that is being done.
 */

import { readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import type { Database } from "./client.ts"

/** Nobody lays a model out for this long. */
const leftMs = 24 * 3600_000

/**
 * @param folder that holds the folders; it need not exist
 * @returns a function that removes folders of deleted models, each when all runs have ended that ran when it first saw the
 *   model gone, and what a killed process has left half laid out
 */
export function modelFolderSweep(database: Database, folder: string): () => Promise<void> {
  let usedBy = new Map<string, readonly string[]>()
  return async () => {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return []
      throw error
    })
    const remove = (name: string) => rm(join(folder, name), { recursive: true, force: true })
    for (const name of names.filter((one) => one.includes("."))) {
      const touched = (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs
      if (touched !== undefined && touched < Date.now() - leftMs) await remove(name)
    }
    const ids = names.filter((name) => !name.includes("."))
    const models = await database.model.findMany({ where: { id: { in: ids } }, select: { id: true } })
    const known = new Set(models.map(({ id }) => id))
    const deleted = ids.filter((id) => !known.has(id))
    if (deleted.length === 0) return
    const runs = await database.run.findMany({ where: { status: "RUNNING" }, select: { id: true } })
    const running = runs.map(({ id }) => id)
    const waiting = new Map<string, readonly string[]>()
    for (const id of deleted) {
      const users = (usedBy.get(id) ?? running).filter((run) => running.includes(run))
      if (users.length === 0) await remove(id)
      else waiting.set(id, users)
    }
    usedBy = waiting
  }
}
