/** What a repository holds at one commit. */

import { listFiles } from "@huggingface/hub"
import { z } from "zod"
import type { HubConnection } from "../connection.ts"
import { explain, HubError } from "../hubError.ts"
import { checkRepository, checkRevision, isCommitHash, isSafePath, type Repository } from "../repositoryName.ts"
import type { FileHash } from "./hash.ts"
import { type HubRequest, hubFetch } from "./hubFetch.ts"

export type RemoteFile = { readonly path: string; readonly size: number; readonly hash: FileHash }

export type RemoteRepository = {
  readonly repository: Repository
  /** The commit that the revision named when it was asked. */
  readonly commit: string
  /** Front matter of its README.md as the Hub read it; for the licence. */
  readonly cardData: unknown
  readonly isPrivate: boolean
  /** By path; what could not be a path inside a folder is left out. */
  readonly files: ReadonlyMap<string, RemoteFile>
}

const revisionAnswer = z.object({
  sha: z.string().refine(isCommitHash, "is no commit hash"),
  private: z.boolean().optional(),
  cardData: z.unknown().optional(),
})

const size = z.int().min(0)
const entryAnswer = z.object({
  type: z.enum(["file", "directory", "unknown"]),
  path: z.string(),
  size,
  oid: z.string().optional(),
  lfs: z.object({ oid: z.string(), size }).optional(),
})

/** More files than this are no model and no data set that a person trains on. */
const mostFiles = 100_000

/** The files at a revision, which is resolved to its commit first, so that they belong together. */
export async function readRepository(
  connection: HubConnection,
  repository: Repository,
  revision = "main",
  options: Pick<HubRequest, "signal" | "onRetry"> = {},
): Promise<RemoteRepository> {
  checkRepository(repository)
  checkRevision(revision)
  const { endpoint, token } = connection
  const action = `looking at ${repository.id}`
  const fetch = hubFetch(connection, { ...options, action, repository })
  try {
    const response = await fetch(
      `${endpoint}/api/${repository.type}s/${repository.id}/revision/${encodeURIComponent(revision)}`,
      { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } },
    )
    const { sha, cardData, private: isPrivate } = revisionAnswer.parse(await response.json())
    const files = new Map<string, RemoteFile>()
    const entries = listFiles({
      repo: { type: repository.type, name: repository.id },
      recursive: true,
      revision: sha,
      hubUrl: endpoint,
      fetch,
      ...(token === undefined ? {} : { accessToken: token }),
    })
    for await (const entry of entries) {
      // The client promises this form without looking.
      const { type, path, size, oid, lfs } = entryAnswer.parse(entry)
      if (type !== "file" || !isSafePath(path)) continue
      const hash: FileHash = lfs ? { algorithm: "sha256", value: lfs.oid } : { algorithm: "git", value: oid ?? "" }
      // The hash becomes a file name in the cache.
      if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(hash.value))
        throw new HubError("badData", `${repository.id} lists ${path} without a hash, so it could not be checked.`)
      files.set(path, { path, size: lfs?.size ?? size, hash })
      if (files.size > mostFiles)
        throw new HubError("tooLarge", `${repository.id} has more than ${mostFiles} files; name what is wanted of it.`)
    }
    return { repository, commit: sha, cardData, isPrivate: isPrivate ?? false, files }
  } catch (error) {
    throw explain(error, action, endpoint)
  }
}
