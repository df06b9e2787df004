/** Small pictures, made when first asked for and kept in a folder of this machine. */

import { randomUUID } from "node:crypto"
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { buffer } from "node:stream/consumers"
import type { FileStore } from "@fjord/db"
import sharp from "sharp"

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
