/** One file of the Hub to disk: goes on where it broke off, and is only given its name when its hash is right. */

import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { HubConnection } from "../connection.ts"
import { explain, HubError } from "../hubError.ts"
import { encodePath, pageOf } from "../repositoryName.ts"
import { startHash } from "./hash.ts"
import { type HubRequest, isPassing, withRetries } from "./hubFetch.ts"
import { redirectedFetch } from "./redirectedFetch.ts"
import type { RemoteFile, RemoteRepository } from "./remoteFiles.ts"

export type DownloadOptions = Pick<HubRequest, "signal" | "onRetry"> & {
  /** @param bytes of the file that are here; less than before where it starts again */
  readonly onBytes: (bytes: number) => void
}

/** Downloads that run in this process, so that two callers who want the same file share one. */
const running = new Map<string, Promise<void>>()

/** @param target where the whole file goes; parts of it lie beside it until then */
export async function downloadBlob(
  connection: HubConnection,
  remote: RemoteRepository,
  file: RemoteFile,
  target: string,
  options: DownloadOptions,
): Promise<void> {
  const other = running.get(target)
  // Where the other caller gives up, this one tries itself.
  if (other !== undefined && (await other.then(Boolean.bind(null, true), () => false))) return
  const work = download(connection, remote, file, target, options)
  running.set(target, work)
  await work.finally(() => running.get(target) === work && running.delete(target))
}

/** A name that no other process uses, starting from what a broken download left. */
async function claimPart(target: string): Promise<string> {
  const folder = dirname(target)
  const prefix = `${basename(target)}.fjord-`
  const own = `${target}.fjord-${process.pid}.incomplete`
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) {
    const owner = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN
    if (Number.isNaN(owner) || (owner !== 0 && isAlive(owner))) continue
    // Renaming succeeds for one process only.
    const claimed = await rename(join(folder, name), own).then(
      () => true,
      () => false,
    )
    if (claimed) break
  }
  return own
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

async function download(
  connection: HubConnection,
  remote: RemoteRepository,
  file: RemoteFile,
  target: string,
  options: DownloadOptions,
): Promise<void> {
  const action = `downloading ${file.path} of ${remote.repository.id}`
  try {
    const part = await claimPart(target)
    try {
      for (let restarts = 0; !(await fill(connection, remote, file, part, action, options)); restarts += 1) {
        // What was here before may have been damaged; what came twice in full and is wrong will not get better.
        await rm(part, { force: true })
        if (restarts === 1)
          throw new HubError(
            "wrongHash",
            `${file.path} of ${remote.repository.id} came with other bytes than the Hub promised, twice; nothing of it was kept; try again later.`,
          )
      }
      await rename(part, target)
    } catch (error) {
      await rename(part, `${target}.fjord-0.incomplete`).catch(() => undefined)
      throw error
    }
  } catch (error) {
    if (options.signal?.aborted === true) throw new HubError("aborted", `Stopped while ${action}.`)
    throw explain(error, action, connection.endpoint)
  }
}

/** Appends to the part until it is full. @returns whether its hash is the promised one */
async function fill(
  connection: HubConnection,
  remote: RemoteRepository,
  file: RemoteFile,
  part: string,
  action: string,
  options: DownloadOptions,
): Promise<boolean> {
  const { retry } = connection
  const { signal, onRetry, onBytes } = options
  const { algorithm, value } = file.hash
  const address = `${pageOf(connection.endpoint, remote.repository)}/resolve/${remote.commit}/${encodePath(file.path)}`
  const request: HubRequest = { action, repository: remote.repository, signal, onRetry }
  await using handle = await open(part, "a+")
  let bytes = (await stat(part)).size
  if (bytes > file.size) {
    await handle.truncate(0)
    bytes = 0
  }
  const hash = startHash(algorithm, file.size)
  if (bytes > 0) for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) hash.update(chunk)
  onBytes(bytes)
  let barren = 0
  while (bytes < file.size) {
    const before = bytes
    const stalled = new AbortController()
    const watched = AbortSignal.any([stalled.signal, ...(signal === undefined ? [] : [signal])])
    let timer = setTimeout(() => stalled.abort(), retry.stallMilliseconds)
    try {
      const range: Record<string, string> = bytes === 0 ? {} : { range: `bytes=${bytes}-` }
      const response = await withRetries(connection, request, () =>
        redirectedFetch(connection, address, range, watched),
      )
      if (bytes > 0 && response.status !== 206) {
        // A server that knows no ranges sends all of it again.
        await response.body?.cancel()
        return false
      }
      for await (const chunk of response.body ?? []) {
        clearTimeout(timer)
        timer = setTimeout(() => stalled.abort(), retry.stallMilliseconds)
        if (bytes + chunk.length > file.size) return false
        await handle.write(chunk)
        hash.update(chunk)
        bytes += chunk.length
        onBytes(bytes)
      }
      if (bytes < file.size) throw new Error("the answer broke off")
    } catch (error) {
      if (signal?.aborted === true) throw error
      if (!stalled.signal.aborted && !isPassing(error)) throw error
      // Only tries that bring nothing are counted: a long file over a poor line breaks off many times.
      barren = bytes > before ? 0 : barren + 1
      if (barren >= retry.attempts)
        throw new HubError(
          "truncated",
          `${file.path} of ${remote.repository.id} broke off at ${bytes} of ${file.size} bytes again and again; try again, it goes on from there.`,
        )
      const wait = retry.firstWaitMilliseconds * 2 ** barren
      onRetry?.({ reason: `${file.path} broke off at ${bytes} bytes.`, waitSeconds: wait / 1000, attempt: barren })
      await sleep(wait, undefined, { signal }).catch(() => undefined)
    } finally {
      clearTimeout(timer)
    }
  }
  await handle.sync()
  return hash.digest("hex") === value
}
