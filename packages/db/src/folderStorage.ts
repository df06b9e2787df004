/** Files in a folder: HH/HASH, where HH are the first two digits. */

import { constants, createReadStream } from "node:fs"
import { copyFile, mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { Storage } from "./fileStore.ts"

export function folderStorage(folder: string): Storage {
  const pathOf = (hash: string) => {
    if (!/^[0-9a-f]{64}$/.test(hash))
      throw new RangeError(`${JSON.stringify(hash)} is no SHA-256 in hexadecimal digits.`)
    return join(folder, hash.slice(0, 2), hash)
  }
  const sizeOf = async (path: string) => (await stat(path).catch(() => undefined))?.size
  return {
    async keep(path, { hash, byteSize }) {
      const wanted = pathOf(hash)
      if ((await sizeOf(wanted)) === byteSize) {
        // Tells the sweep that somebody has just asked for it.
        const now = new Date()
        await utimes(wanted, now, now).catch(() => {})
        if ((await sizeOf(wanted)) === byteSize) return
      }
      await mkdir(dirname(wanted), { recursive: true })
      await rename(path, wanted)
      await syncFolder(dirname(wanted))
    },
    async open(hash, range) {
      const path = pathOf(hash)
      if ((await sizeOf(path)) === undefined) return null
      return createReadStream(path, { ...range, highWaterMark: 1 << 18 })
    },
    async copyTo(hash, path) {
      try {
        // Where the file system can, both share their blocks until one of them changes.
        await copyFile(pathOf(hash), path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
        return true
      } catch (error) {
        if (
          error instanceof Error &&
          "code" in error &&
          error.code === "ENOENT" &&
          (await sizeOf(pathOf(hash))) === undefined
        )
          return false
        throw error
      }
    },
    async has(hash) {
      return (await sizeOf(pathOf(hash))) !== undefined
    },
    async delete(hash) {
      await rm(pathOf(hash), { force: true })
    },
    async *list() {
      for (const entry of await readdir(folder, { withFileTypes: true })) {
        if (!entry.isDirectory() || !/^[0-9a-f]{2}$/.test(entry.name)) continue
        for (const hash of await readdir(join(folder, entry.name))) {
          const found = await stat(join(folder, entry.name, hash)).catch(() => undefined)
          if (found !== undefined) yield { hash, byteSize: found.size, modifiedAt: found.mtime }
        }
      }
    },
  }
}

/** A renamed file survives a crash of the machine only when its folder has been written too. */
async function syncFolder(folder: string) {
  if (process.platform === "win32") return
  const handle = await open(folder, "r")
  await handle.sync().finally(() => handle.close())
}
