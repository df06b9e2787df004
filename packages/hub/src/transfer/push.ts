/** Files to a repository of the Hub in one commit: what is there already is not sent, what was sent is checked. */

import { openAsBlob } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { type CommitOperation, commitIter } from "@huggingface/hub"
import { tokenOf } from "../account.ts"
import type { HubConnection } from "../connection.ts"
import { explain, HubError } from "../hubError.ts"
import { checkRepository, isSafePath, pageOf, type Repository } from "../repositoryName.ts"
import { hashFile, startHash } from "./hash.ts"
import { hubFetch, type Retrying } from "./hubFetch.ts"
import { type RemoteFile, type RemoteRepository, readRepository } from "./remoteFiles.ts"
import { ByteCounter, type TransferOptions } from "./transferEvent.ts"

/** A file to push: where it lies, or its bytes, and its path in the repository. */
export type PushFile = { readonly path: string } & (
  | { readonly file: string }
  | { readonly content: string | Uint8Array }
)

export type PushOptions = TransferOptions & {
  readonly repository: Repository
  /** First line of the commit message. */
  readonly title: string
  readonly branch?: string
  /** Files on the Hub to remove in the same commit, unless they are among those pushed. */
  readonly remove?: (path: string) => boolean
  /**
   * Whether large files go by Xet, the Hub's store of deduplicated chunks; false if absent: through the client's
   * WebAssembly it takes four times the time and memory (300 MB: 394 MB and 20 s, by LFS 92 MB and 6 s), and the Hub
   * moves what comes by LFS into Xet itself.
   */
  readonly xet?: boolean
}

export type Pushed = {
  readonly page: string
  /** Hash of the commit; that of the branch before, where nothing had changed. */
  readonly commit: string
  readonly changed: boolean
}

type LocalFile = { readonly path: string; readonly blob: Blob; readonly read: string | undefined }

async function openFile(source: PushFile): Promise<LocalFile> {
  if (!isSafePath(source.path))
    throw new HubError("badData", `${JSON.stringify(source.path)} cannot be a path in a repository; rename the file.`)
  if ("content" in source) return { path: source.path, blob: new Blob([source.content]), read: undefined }
  return { path: source.path, blob: await openAsBlob(source.file), read: source.file }
}

/** The file's bytes hashed as the Hub would; without reading large ones into memory. */
async function hashOf(
  local: LocalFile,
  algorithm: RemoteFile["hash"]["algorithm"],
  signal: AbortSignal | undefined,
): Promise<string> {
  const { blob, read } = local
  if (read !== undefined) return hashFile(read, algorithm, blob.size, { signal })
  return startHash(algorithm, blob.size)
    .update(new Uint8Array(await blob.arrayBuffer()))
    .digest("hex")
}

async function isSame(local: LocalFile, remote: RemoteFile | undefined, signal: AbortSignal | undefined) {
  if (remote === undefined || remote.size !== local.blob.size) return false
  return (await hashOf(local, remote.hash.algorithm, signal)) === remote.hash.value
}

/**
 * Begins again where an address for uploading had expired: the Hub then gives new ones, and none for files that have
 * arrived.
 */
async function withNewAddresses<Result>(
  { retry }: HubConnection,
  work: () => Promise<Result>,
  onRetry: (retrying: Retrying) => void,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof HubError && error.code === "expired") || attempt >= retry.attempts) throw error
      onRetry({ reason: "An address for uploading had expired.", waitSeconds: 0, attempt })
    }
}

/** @throws HubError when the commit does not hold what was sent */
async function checkArrived(remote: RemoteRepository, sent: readonly LocalFile[], signal: AbortSignal | undefined) {
  for (const local of sent) {
    if (await isSame(local, remote.files.get(local.path), signal)) continue
    throw new HubError(
      "wrongHash",
      `${local.path} arrived in ${remote.repository.id} with other bytes than were sent; was it changed meanwhile? Push again.`,
    )
  }
}

/**
 * Pushes files into a repository that exists. Files that it has with the same hash are skipped; without any change
 * there is no commit. Afterwards the hashes on the Hub are compared with those of the files.
 * @throws HubError with one sentence
 */
export async function pushFiles(
  connection: HubConnection,
  sources: readonly PushFile[],
  options: PushOptions,
): Promise<Pushed> {
  const { repository, title, branch = "main", signal, onEvent, remove, xet = false } = options
  checkRepository(repository)
  const action = `uploading to ${repository.id}`
  const accessToken = tokenOf(connection, action)
  const page = pageOf(connection.endpoint, repository)
  const onRetry = (retrying: Retrying) => onEvent?.({ type: "Retrying", ...retrying })
  try {
    const locals = await Promise.all(sources.map(openFile))
    const before = await readRepository(connection, repository, branch, { signal, onRetry })
    const totalBytes = locals.reduce((sum, { blob }) => sum + blob.size, 0)
    onEvent?.({ type: "TransferStarted", files: locals.length, totalBytes })
    const counter = new ByteCounter(totalBytes, onEvent)
    const changed: LocalFile[] = []
    for (const local of locals) {
      if (await isSame(local, before.files.get(local.path), signal)) counter.skipped(local.path, local.blob.size)
      else changed.push(local)
    }
    const paths = new Set(locals.map(({ path }) => path))
    const removed = [...before.files.keys()].filter((path) => !paths.has(path) && (remove?.(path) ?? false))
    const operations: CommitOperation[] = [
      ...changed.map(({ path, blob }) => ({ operation: "addOrUpdate" as const, path, content: blob })),
      ...removed.map((path) => ({ operation: "delete" as const, path })),
    ]
    if (operations.length === 0) {
      onEvent?.({ type: "TransferFinished", page, commit: before.commit })
      return { page, commit: before.commit, changed: false }
    }
    const sizes = new Map(changed.map(({ path, blob }) => [path, blob.size]))
    const commitOnce = async () => {
      const commit = commitIter({
        repo: { type: repository.type, name: repository.id },
        operations,
        title,
        branch,
        accessToken,
        hubUrl: connection.endpoint,
        useXet: xet,
        fetch: hubFetch(connection, { action, repository, signal, onRetry }),
        ...(signal === undefined ? {} : { abortSignal: signal }),
      })
      let step = await commit.next()
      while (!step.done) {
        const event = step.value
        const size = event.event === "fileProgress" ? (sizes.get(event.path) ?? 0) : 0
        if (event.event === "fileProgress" && event.state === "uploading")
          counter.moved(event.path, Math.round(event.progress * size), size)
        if (event.event === "fileProgress" && event.state === "hashing")
          onEvent?.({
            type: "FilesHashed",
            file: event.path,
            bytes: Math.round(event.progress * size),
            totalBytes: size,
          })
        step = await commit.next()
      }
      return step.value?.commit.oid
    }
    const oid = await withNewAddresses(connection, commitOnce, onRetry)
    if (oid === undefined) throw new HubError("refused", `The Hub did not say which commit ${repository.id} has now.`)
    await checkArrived(await readRepository(connection, repository, oid, { signal, onRetry }), changed, signal)
    for (const { path, blob } of changed) counter.moved(path, blob.size, blob.size)
    onEvent?.({ type: "TransferFinished", page, commit: oid })
    return { page, commit: oid, changed: true }
  } catch (error) {
    if (signal?.aborted === true) throw new HubError("aborted", `Stopped while ${action}.`)
    throw explain(error, action, connection.endpoint)
  }
}

/** The files below a folder, links followed, hidden ones left out, in a fixed order. */
export async function filesIn(folder: string): Promise<PushFile[]> {
  const found: PushFile[] = []
  const walk = async (directory: string, prefix: string, depth: number) => {
    if (depth > 16) throw new HubError("badData", `${folder} has folders nested deeper than 16; is there a loop?`)
    for (const name of (await readdir(directory)).sort()) {
      if (name.startsWith(".")) continue
      const file = join(directory, name)
      if ((await stat(file)).isDirectory()) await walk(file, `${prefix}${name}/`, depth + 1)
      else found.push({ path: `${prefix}${name}`, file })
    }
  }
  await walk(folder, "", 0)
  return found
}

/** Pushes the files below a folder, hidden ones left out. */
export async function pushFolder(connection: HubConnection, folder: string, options: PushOptions): Promise<Pushed> {
  const files = await filesIn(folder).catch((error) => {
    throw explain(error, `reading ${folder}`, connection.endpoint)
  })
  if (files.length === 0) throw new HubError("badData", `${folder} is empty; there is nothing to push.`)
  return pushFiles(connection, files, options)
}
