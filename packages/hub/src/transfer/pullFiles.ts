/** Files of a repository into the cache that is shared with Python. */

import { mkdir, statfs } from "node:fs/promises"
import type { HubConnection } from "../connection.ts"
import { HubError } from "../hubError.ts"
import { pageOf } from "../repositoryName.ts"
import { blobPath, isPresent, linkIntoSnapshot, snapshotFolder, writeRef } from "./cacheLayout.ts"
import { checkReader, noteReader } from "./cacheReaders.ts"
import { downloadBlob } from "./downloadBlob.ts"
import type { Retrying } from "./hubFetch.ts"
import type { RemoteFile, RemoteRepository } from "./remoteFiles.ts"
import { ByteCounter, type TransferOptions } from "./transferEvent.ts"

const downloadsAtOnce = 4

/** What must stay free besides the files themselves. */
const spareBytes = 64_000_000

async function checkSpace(folder: string, bytes: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  const { bavail, bsize } = await statfs(folder)
  if (bytes === 0 || bavail * bsize > bytes + spareBytes) return
  const gigabytes = (count: number) => `${(count / 1e9).toFixed(2)} GB`
  throw new HubError(
    "diskFull",
    `The download needs ${gigabytes(bytes)} in ${folder}, which has ${gigabytes(bavail * bsize)} left; free some space, or set HF_HOME to another disk.`,
  )
}

/**
 * Fetches what is not in the cache yet, each file checked by its hash.
 * @param revision branch or tag to note for the commit
 * @returns the snapshot's folder
 */
export async function pullFiles(
  connection: HubConnection,
  remote: RemoteRepository,
  paths: readonly string[],
  revision: string,
  { signal, onEvent }: TransferOptions = {},
): Promise<string> {
  const { repository, commit } = remote
  const files = paths.map((path): RemoteFile => {
    const file = remote.files.get(path)
    if (file !== undefined) return file
    throw new HubError("notFound", `${repository.id} has no file ${path} at ${commit.slice(0, 8)}.`)
  })
  const totalBytes = files.reduce((sum, { size }) => sum + size, 0)
  onEvent?.({ type: "TransferStarted", files: files.length, totalBytes })
  const counter = new ByteCounter(totalBytes, onEvent)
  const snapshot = snapshotFolder(connection, repository, commit)
  const onRetry = (retrying: Retrying) => onEvent?.({ type: "Retrying", ...retrying })
  const missing: RemoteFile[] = []
  const present: RemoteFile[] = []
  for (const file of files)
    ((await isPresent(blobPath(connection, repository, file), file.size)) ? present : missing).push(file)
  const [first] = present
  // A shared cache may hold them for somebody else.
  if (connection.cacheReader !== undefined && first !== undefined)
    await checkReader(connection, remote, first, { signal, onRetry })
  for (const file of present) {
    await linkIntoSnapshot(snapshot, file, blobPath(connection, repository, file))
    counter.skipped(file.path, file.size)
  }
  await checkSpace(
    connection.cacheFolder,
    missing.reduce((sum, { size }) => sum + size, 0),
  )
  // One failure stops the others, so that nothing goes on behind the caller's back.
  const stop = new AbortController()
  const both = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])])
  const waiting = missing.values()
  const work = async () => {
    for (const file of waiting) {
      const blob = blobPath(connection, repository, file)
      await downloadBlob(connection, remote, file, blob, {
        signal: both,
        onRetry,
        onBytes: (bytes) => counter.moved(file.path, bytes, file.size),
      })
      await linkIntoSnapshot(snapshot, file, blob)
    }
  }
  const workers = Array.from({ length: downloadsAtOnce }, () =>
    work().catch((error) => {
      stop.abort()
      throw error
    }),
  )
  const results = await Promise.allSettled(workers)
  // The first failure is the cause; the others were stopped by it.
  const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []))
  const cause = failures.find((error) => !(error instanceof HubError && error.code === "aborted")) ?? failures[0]
  if (cause !== undefined) throw cause
  await mkdir(snapshot, { recursive: true })
  await noteReader(connection, repository, commit)
  await writeRef(connection, repository, revision, commit)
  onEvent?.({ type: "TransferFinished", page: pageOf(connection.endpoint, repository), commit, folder: snapshot })
  return snapshot
}
