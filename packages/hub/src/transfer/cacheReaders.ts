/**
 * Who may use what lies in a cache that many people share. The Hub decides it; what it said is noted beside the cache,
 * so that nobody is given another's private or gated files while the Hub cannot be asked.
 */

import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { HubConnection } from "../connection.ts"
import { HubError } from "../hubError.ts"
import { encodePath, pageOf, type Repository } from "../repositoryName.ts"
import { type HubRequest, withRetries } from "./hubFetch.ts"
import { redirectedFetch } from "./redirectedFetch.ts"
import type { RemoteFile, RemoteRepository } from "./remoteFiles.ts"

/** The reader of a connection without an account: what it may read, everybody may. */
export const everybody = "everybody"

/** One empty file for each reader of a commit; names of people are hashed, because they may hold any character. */
function noteOf({ cacheFolder }: HubConnection, { type, id }: Repository, commit: string, reader: string): string {
  const name = reader === everybody ? everybody : createHash("sha256").update(reader).digest("hex")
  return join(cacheFolder, "..", "fjord", "readers", `${type}s--${id.replaceAll("/", "--")}`, commit, name)
}

/** Notes that the Hub let this reader have files of the commit. Does nothing for a cache of one person. */
export async function noteReader(connection: HubConnection, repository: Repository, commit: string): Promise<void> {
  const { cacheReader } = connection
  if (cacheReader === undefined) return
  const note = noteOf(connection, repository, commit, cacheReader)
  await mkdir(join(note, ".."), { recursive: true })
  await writeFile(note, "")
}

/**
 * Asks the Hub for the first byte of a file whose bytes lie here already: the listing of a gated repository is open to
 * all, its files are not.
 * @throws HubError where the Hub refuses
 */
export async function checkReader(
  connection: HubConnection,
  { repository, commit }: Pick<RemoteRepository, "repository" | "commit">,
  { path }: Pick<RemoteFile, "path">,
  options: Pick<HubRequest, "signal" | "onRetry">,
): Promise<void> {
  const request: HubRequest = { ...options, action: `asking whether ${repository.id} may be read`, repository }
  const address = `${pageOf(connection.endpoint, repository)}/resolve/${commit}/${encodePath(path)}`
  const signal = options.signal ?? new AbortController().signal
  const response = await withRetries(connection, request, async () => {
    const answer = await redirectedFetch(connection, address, { range: "bytes=0-0" }, signal)
    // An empty file has no first byte, which is no refusal.
    return answer.status === 416 ? new Response(null, { status: 204 }) : answer
  })
  await response.body?.cancel()
}

/** @throws HubError where neither this reader nor everybody was ever let in by the Hub */
export function requireReader(connection: HubConnection, repository: Repository, commit: string): void {
  const { cacheReader, endpoint } = connection
  if (cacheReader === undefined) return
  for (const reader of [everybody, cacheReader]) if (existsSync(noteOf(connection, repository, commit, reader))) return
  throw new HubError(
    "forbidden",
    `${endpoint} cannot be reached to ask whether ${repository.id} may be read with this account; try again when it can be, or use a model that this account has used before.`,
  )
}
