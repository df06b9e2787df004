/** Small pictures, made when first asked for and kept in a folder of this machine. */

import { randomUUID } from "node:crypto"
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { buffer } from "node:stream/consumers"
import type { Database, FileStore } from "@fjord/db"
import sharp from "sharp"
import type { Environment } from "../environment.ts"

/** Where they are kept on this machine. */
export const thumbnailFolder = ({ environment }: { readonly environment: Environment }) =>
  join(environment.FJORD_DATA, "thumbnails")

const making = new Map<string, Promise<string>>()

/** @returns the path of a WebP whose longer side is `size`; pictures are never enlarged. */
export function thumbnail(files: FileStore, folder: string, hash: string, size: number): Promise<string> {
  const path = join(folder, hash.slice(0, 2), `${hash}-${size}.webp`)
  const known = making.get(path)
  if (known !== undefined) return known
  const made = make(files, path, hash, size).finally(() => making.delete(path))
  making.set(path, made)
  return made
}

/** Nobody takes this long for one. */
const leftMs = 24 * 3600_000

/** Removes the thumbnails of pictures that are no more, and what killed servers left half written. */
export async function sweepThumbnails(database: Database, folder: string): Promise<void> {
  const folders = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return []
    throw error
  })
  for (const digits of folders) {
    const names = await readdir(join(folder, digits))
    const hashOf = (name: string) => name.split("-")[0] ?? ""
    const where = { hash: { in: [...new Set(names.map(hashOf))] } }
    const rows = await database.file.findMany({ where, select: { hash: true } })
    const known = new Set(rows.map(({ hash }) => hash))
    for (const name of names) {
      const path = join(folder, digits, name)
      const made = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
      if (known.has(hashOf(name)) && (name.endsWith(".webp") || made > Date.now() - leftMs)) continue
      await rm(path, { force: true })
    }
  }
}

async function make(files: FileStore, path: string, hash: string, size: number): Promise<string> {
  if ((await stat(path).catch(() => undefined)) !== undefined) return path
  // The picture has passed the door, or was drawn here.
  const picture = sharp(await buffer(await files.open(hash)), { limitInputPixels: 268_000_000 })
  const bytes = await picture
    .resize(size, size, { fit: "inside", withoutEnlargement: true })
    .webp({ quality: 82 })
    .toBuffer()
  await mkdir(join(path, ".."), { recursive: true })
  const partial = `${path}.${randomUUID()}`
  try {
    await writeFile(partial, bytes)
    await rename(partial, path)
  } finally {
    await rm(partial, { force: true })
  }
  return path
}
