/** Lays files of the store out as the folders that training and generation read. */

import { randomUUID } from "node:crypto"
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises"
import { dirname, extname, join, normalize, sep } from "node:path"
import type { DatasetManifest } from "@fjord/contracts"
import type { FileStore } from "@fjord/db"

export type PlacedFile = { readonly path: string; readonly hash: string }

/** Lays files out below a folder; paths are relative, with slashes. */
export async function layOut(files: FileStore, folder: string, placed: readonly PlacedFile[]): Promise<void> {
  for (const { path, hash } of placed) {
    const target = normalize(join(folder, path))
    if (!target.startsWith(normalize(folder + sep))) throw new Error(`The path ${path} leads out of its folder.`)
    await mkdir(dirname(target), { recursive: true })
    await files.copyTo(hash, target)
  }
}

/** Lays files out in a folder that is kept and shared: whole or not at all, once. @returns the folder. */
export async function layOutOnce(files: FileStore, folder: string, placed: readonly PlacedFile[]): Promise<string> {
  if (await exists(folder)) return folder
  const partial = `${folder}.${randomUUID()}`
  try {
    await layOut(files, partial, placed)
    await rename(partial, folder)
  } catch (error) {
    // Somebody else was quicker.
    if (!(await exists(folder))) throw error
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
  return folder
}

/** The pictures of a data set's version in its order, each with its caption beside it. */
export async function layOutDataset(files: FileStore, folder: string, manifest: DatasetManifest): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [i, { hash, name, caption }] of manifest.entries()) {
    // Folders are read in the order of names; the names that people gave do not become paths.
    const stem = String(i).padStart(6, "0")
    const extension = /^\.(jpe?g|png|webp|gif|avif|tiff?|bmp)$/i.test(extname(name))
      ? extname(name).toLowerCase()
      : ".png"
    await files.copyTo(hash, join(folder, `${stem}${extension}`))
    if (caption !== "") await writeFile(join(folder, `${stem}.txt`), caption)
  }
}

export async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
