/**
 * The cache as Python's huggingface_hub lays it out: blobs under their hash, snapshots of links into them, refs that
 * name a branch's commit. Both use the same files.
 */

import { copyFile, mkdir, readdir, readFile, readlink, rename, stat, symlink, writeFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import type { HubConnection } from "../connection.ts"
import { systemCode } from "../hubError.ts"
import { isCommitHash, type Repository } from "../repositoryName.ts"
import type { RemoteFile } from "./remoteFiles.ts"

export function repositoryFolder({ cacheFolder }: HubConnection, { type, id }: Repository): string {
  return join(cacheFolder, `${type}s--${id.replaceAll("/", "--")}`)
}

export function blobPath(connection: HubConnection, repository: Repository, file: RemoteFile): string {
  return join(repositoryFolder(connection, repository), "blobs", file.hash.value)
}

export function snapshotFolder(connection: HubConnection, repository: Repository, commit: string): string {
  return join(repositoryFolder(connection, repository), "snapshots", commit)
}

/** True for a file of this size; a name in blobs/ is only given to what is whole. */
export async function isPresent(path: string, size: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() === true && found.size === size
}

/** Makes a blob visible under its path in a snapshot: by a link, or where links are not allowed by a copy. */
export async function linkIntoSnapshot(snapshot: string, file: RemoteFile, blob: string): Promise<void> {
  const place = join(snapshot, ...file.path.split("/"))
  const target = relative(dirname(place), blob)
  if ((await readlink(place).catch(() => undefined)) === target) return
  await mkdir(dirname(place), { recursive: true })
  const fresh = `${place}.${crypto.randomUUID()}.new`
  try {
    await symlink(target, fresh)
  } catch (error) {
    // Windows without developer mode.
    if (systemCode(error) !== "EPERM") throw error
    await copyFile(blob, fresh)
  }
  await rename(fresh, place)
}

/** Notes which commit a branch or tag was at. */
export async function writeRef(connection: HubConnection, repository: Repository, revision: string, commit: string) {
  if (isCommitHash(revision)) return
  const file = join(repositoryFolder(connection, repository), "refs", ...revision.split("/"))
  await mkdir(dirname(file), { recursive: true })
  const fresh = `${file}.${crypto.randomUUID()}.new`
  await writeFile(fresh, commit)
  await rename(fresh, file)
}

/** The newest snapshot of a revision that lies here: its folder and the sizes of its files by path. */
export async function findSnapshot(
  connection: HubConnection,
  repository: Repository,
  revision: string,
): Promise<{ commit: string; folder: string; files: ReadonlyMap<string, { readonly size: number }> } | undefined> {
  const root = repositoryFolder(connection, repository)
  const noted = await readFile(join(root, "refs", ...revision.split("/")), "utf8").catch(() => "")
  const commit = isCommitHash(revision) ? revision : noted.trim()
  if (!isCommitHash(commit)) return undefined
  const folder = join(root, "snapshots", commit)
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const files = new Map<string, { size: number }>()
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (found?.isFile()) files.set(name.replaceAll("\\", "/"), { size: found.size })
  }
  return files.size === 0 ? undefined : { commit, folder, files }
}
