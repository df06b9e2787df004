/** A data set of the Hub as a folder of pictures that stays: unpacked once per commit and split. */

import { existsSync } from "node:fs"
import { join } from "node:path"
import type { HubConnection } from "../connection.ts"
import { explain, HubError } from "../hubError.ts"
import { checkRepository } from "../repositoryName.ts"
import { findSnapshot, writeRef } from "../transfer/cacheLayout.ts"
import { readRepository } from "../transfer/remoteFiles.ts"
import { type PullDatasetOptions, pullDataset } from "./pullDataset.ts"

export type CachedDataset = {
  readonly id: string
  readonly commit: string
  readonly split: string
  readonly folder: string
}

type CachedDatasetOptions = Pick<PullDatasetOptions, "revision" | "split" | "signal" | "onEvent">

/**
 * Unpacks a split beside the cache, unless it lies there from an earlier time. Without a network, what was unpacked
 * before serves.
 * @throws HubError with one sentence
 */
export async function cachedDataset(
  connection: HubConnection,
  id: string,
  { revision = "main", split = "train", signal, onEvent }: CachedDatasetOptions = {},
): Promise<CachedDataset> {
  const repository = checkRepository({ type: "dataset", id })
  const folderOf = (commit: string) =>
    join(connection.cacheFolder, "..", "fjord", "datasets", id.replaceAll("/", "--"), `${commit}-${split}`)
  let commit: string
  try {
    commit = (await readRepository(connection, repository, revision, { signal })).commit
  } catch (error) {
    const failure = explain(error, `pulling ${id}`, connection.endpoint)
    const found = failure.code === "network" ? await findSnapshot(connection, repository, revision) : undefined
    if (found === undefined || !existsSync(folderOf(found.commit))) throw failure
    return { id, commit: found.commit, split, folder: folderOf(found.commit) }
  }
  const folder = folderOf(commit)
  try {
    if (!existsSync(folder)) await pullDataset(connection, id, folder, { revision: commit, split, signal, onEvent })
    await writeRef(connection, repository, revision, commit)
  } catch (error) {
    // Another run unpacked the same meanwhile.
    if (!(error instanceof HubError && existsSync(folder))) throw error
  }
  return { id, commit, split, folder }
}
