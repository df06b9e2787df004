/** Pictures and captions to a data set of the Hub, as `datasets.push_to_hub` does it. */

import { mkdtemp, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createRepository } from "../account.ts"
import type { HubConnection } from "../connection.ts"
import { explain, HubError } from "../hubError.ts"
import { checkRepository, type Repository } from "../repositoryName.ts"
import { type Pushed, pushFiles } from "../transfer/push.ts"
import { readRepository } from "../transfer/remoteFiles.ts"
import type { TransferOptions } from "../transfer/transferEvent.ts"
import { datasetCard, otherSplitsCaptioned } from "./datasetCard.ts"
import { readReadme } from "./readme.ts"
import { type DatasetImage, writeParquet } from "./writeParquet.ts"

export type PushDatasetOptions = TransferOptions & {
  /** In the order they shall have. */
  readonly images: readonly DatasetImage[]
  readonly split?: string
  /** Of a repository that is made now; private if absent. */
  readonly visibility?: "public" | "private"
  readonly license?: string | undefined
  /** Folder for the parquet files until they are sent; the system's for temporary files if absent. */
  readonly workFolder?: string
}

/**
 * Makes the data set where there is none, and replaces the pictures of this split.
 * @throws HubError with one sentence
 */
export async function pushDataset(
  connection: HubConnection,
  id: string,
  { images, split = "train", visibility, license, workFolder = tmpdir(), signal, onEvent }: PushDatasetOptions,
): Promise<Pushed> {
  const repository = checkRepository({ type: "dataset", id })
  if (!/^\w+(?:\.\w+)*$/.test(split))
    throw new HubError(
      "badData",
      `${JSON.stringify(split)} cannot be the name of a split; use letters, digits and "_".`,
    )
  if (images.length === 0) throw new HubError("badData", "There are no pictures to push.")
  const draft = await mkdtemp(join(workFolder, "fjord-dataset-"))
  try {
    const before = await found(connection, repository, signal)
    const existing = before && (await readReadme(connection, before, "main", { signal }))
    const withCaptions = otherSplitsCaptioned(existing, split)
    const captioned = withCaptions ?? images.some(({ caption }) => caption !== undefined)
    if (withCaptions === false && images.some(({ caption }) => caption !== undefined))
      throw new HubError(
        "badData",
        `The other splits of ${id} have no captions, and all splits must have the same columns; push this one without captions (--no-captions), or to a data set of its own.`,
      )
    const shards = await writeParquet(images, draft, captioned, signal)
    await createRepository(connection, repository, { signal, ...(visibility && { visibility }) })
    // Shards of an earlier push would be read as part of the split.
    const isReplaced = (path: string) => path.startsWith(`data/${split}-`) && path.endsWith(".parquet")
    const otherBytes = [...(before?.files.values() ?? [])]
      .filter(({ path }) => /^data\/[^/]+\.parquet$/.test(path) && !isReplaced(path))
      .reduce((sum, { size }) => sum + size, 0)
    const sizes = await Promise.all(shards.files.map(async (file) => (await stat(file)).size))
    const readme = datasetCard(
      {
        id,
        split,
        images: shards.images,
        captioned,
        bytes: shards.bytes,
        fileBytes: sizes.reduce((sum, size) => sum + size, otherBytes),
        license,
      },
      existing,
    )
    const count = String(shards.files.length).padStart(5, "0")
    const files = shards.files.map((file, index) => ({
      path: `data/${split}-${String(index).padStart(5, "0")}-of-${count}.parquet`,
      file,
    }))
    return await pushFiles(connection, [{ path: "README.md", content: readme }, ...files], {
      repository,
      title: `${shards.images} pictures (${split})`,
      remove: isReplaced,
      signal,
      onEvent,
    })
  } catch (error) {
    if (signal?.aborted === true) throw new HubError("aborted", `Stopped while pushing ${id}.`)
    throw explain(error, `pushing ${id}`, connection.endpoint)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** What the data set holds now; undefined where it is not there yet. */
async function found(connection: HubConnection, repository: Repository, signal: AbortSignal | undefined) {
  try {
    return await readRepository(connection, repository, "main", { signal })
  } catch (error) {
    if (error instanceof HubError && error.code === "notFound") return undefined
    throw error
  }
}
