/** A data set of the Hub as a folder of pictures with captions, from parquet files or a folder of images. */

import { appendFile, constants, copyFile, open, readFile, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { HubConnection } from "../connection.ts"
import { refuseExisting, writeFolder } from "../draftFolder.ts"
import { explain, HubError } from "../hubError.ts"
import { checkRepository } from "../repositoryName.ts"
import { pullFiles } from "../transfer/pullFiles.ts"
import { type RemoteRepository, readRepository } from "../transfer/remoteFiles.ts"
import type { TransferOptions } from "../transfer/transferEvent.ts"
import { imageExtension } from "./imageExtension.ts"
import { metadataFile, readCaptions } from "./metadataFiles.ts"
import type { ColumnChoice } from "./parquetTable.ts"
import { readReadme } from "./readme.ts"
import { readParquetImages } from "./readParquet.ts"
import { splitFiles } from "./splitFiles.ts"

export type PullDatasetOptions = TransferOptions &
  ColumnChoice & {
    /** Branch, tag or commit; main if absent. */
    readonly revision?: string | undefined
    /** train if absent. */
    readonly split?: string | undefined
    /** Configuration in the data set's README; its default one if absent. */
    readonly config?: string | undefined
  }

export type PulledDataset = {
  readonly id: string
  readonly commit: string
  readonly folder: string
  readonly images: number
  readonly captions: number
  /** One sentence per row or file that is no picture. */
  readonly refused: readonly string[]
}

type Source = { readonly bytes: Uint8Array } | { readonly file: string } | { readonly refused: string }
type Picture = { readonly source: Source; readonly name: string; readonly caption: string | undefined }

const longestCaption = 100_000
const largestMetadata = 100_000_000
const archive = /\.(?:tar|zip|tgz|tar\.(?:gz|xz|zst|bz2)|7z|rar)$/i
const picture = /\.(?:jpe?g|png|webp|gif|bmp|tiff?|avif|jfif)$/i

async function* fromParquet(
  snapshot: string,
  paths: readonly string[],
  { imageColumn, captionColumn, signal }: PullDatasetOptions,
): AsyncGenerator<Picture> {
  for (const path of paths) {
    let row = 0
    for await (const stored of readParquetImages(
      join(snapshot, path),
      path,
      { imageColumn, captionColumn },
      { signal },
    )) {
      row += 1
      yield { source: stored, name: `${path}, row ${row}`, caption: stored.caption }
    }
  }
}

async function* fromFolder(
  snapshot: string,
  paths: readonly string[],
  captionColumn: string | undefined,
): AsyncGenerator<Picture> {
  const captions = new Map<string, string>()
  for (const path of paths.filter((candidate) => metadataFile.test(candidate)))
    for (const [name, caption] of await readCaptions(join(snapshot, path), path, captionColumn))
      captions.set(name, caption)
  for (const path of paths.filter((candidate) => picture.test(candidate))) {
    const sidecar = path.replace(/\.[^./]+$/, ".txt")
    const beside = paths.includes(sidecar) ? (await readFile(join(snapshot, sidecar), "utf8")).trim() : undefined
    yield { source: { file: join(snapshot, path) }, name: path, caption: captions.get(path) ?? beside }
  }
}

/** A caption in a file of its own; a longer text is something else. */
const isCaption = ({ files }: RemoteRepository, path: string) =>
  path.endsWith(".txt") && (files.get(path)?.size ?? 0) <= longestCaption

/** The first bytes of a file, enough to see what it is. */
async function headOf(file: string): Promise<Uint8Array> {
  await using handle = await open(file)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0)
  return buffer.subarray(0, bytesRead)
}

/** Writes the pictures under numbers: a name out of a data set never becomes a path. */
async function writePictures(pictures: AsyncIterable<Picture>, folder: string, signal: AbortSignal | undefined) {
  const refused: string[] = []
  let images = 0
  let captions = 0
  for await (const { source, name, caption } of pictures) {
    signal?.throwIfAborted()
    if ("refused" in source) {
      refused.push(`${name} ${source.refused}.`)
      continue
    }
    const extension = imageExtension("bytes" in source ? source.bytes : await headOf(source.file))
    if (extension === undefined) {
      refused.push(`${name} is no picture of a known kind.`)
      continue
    }
    const file = `${String(images).padStart(5, "0")}.${extension}`
    if ("bytes" in source) await writeFile(join(folder, file), source.bytes)
    else await copyFile(source.file, join(folder, file), constants.COPYFILE_FICLONE)
    images += 1
    if (caption === undefined) continue
    captions += 1
    await appendFile(join(folder, "metadata.jsonl"), `${JSON.stringify({ file_name: file, text: caption })}\n`)
  }
  return { images, captions, refused }
}

/**
 * Writes a split's pictures into a new folder, byte for byte, with their captions in metadata.jsonl. The folder appears
 * when all is there.
 * @throws HubError with one sentence, also when the folder exists
 */
export async function pullDataset(
  connection: HubConnection,
  id: string,
  folder: string,
  options: PullDatasetOptions = {},
): Promise<PulledDataset> {
  const { revision = "main", split = "train", config, signal, onEvent } = options
  const repository = checkRepository({ type: "dataset", id })
  refuseExisting(folder)
  const action = `pulling ${id}`
  try {
    const remote = await readRepository(connection, repository, revision, {
      signal,
      onRetry: (retrying) => onEvent?.({ type: "Retrying", ...retrying }),
    })
    const readme = await readReadme(connection, remote, revision, { signal })
    const all = [...remote.files.keys()]
    const chosen = splitFiles(id, all, readme, { split, config })
    const tables = chosen.filter((path) => path.endsWith(".parquet") && !metadataFile.test(path))
    const isTable = tables.length > 0
    const wanted = isTable
      ? tables
      : chosen.filter((path) => picture.test(path) || metadataFile.test(path) || isCaption(remote, path))
    if (!wanted.some((path) => isTable || picture.test(path))) {
      const packed = chosen.find((path) => archive.test(path))
      const why =
        packed === undefined
          ? "."
          : `, only archives (${packed}), which are not opened; try --revision refs/convert/parquet, where the Hub keeps the same as parquet files.`
      throw new HubError("badData", `${id} has neither parquet files nor pictures for the split ${split}${why}`)
    }
    // Captions of a split may lie in a file that does not name it.
    const metadata = isTable ? [] : all.filter((path) => metadataFile.test(path) && !wanted.includes(path))
    const needed = [...wanted, ...metadata]
    const huge = needed.find((path) => metadataFile.test(path) && (remote.files.get(path)?.size ?? 0) > largestMetadata)
    if (huge !== undefined)
      throw new HubError("tooLarge", `${huge} of ${id} is larger than 100 MB, as no list of captions is.`)
    const snapshot = await pullFiles(connection, remote, needed, revision, { signal, onEvent })
    return await writeFolder(folder, async (draft) => {
      const pictures = isTable
        ? fromParquet(snapshot, tables, options)
        : fromFolder(snapshot, needed, options.captionColumn)
      const written = await writePictures(pictures, draft, signal)
      const [why = "it is empty."] = written.refused
      if (written.images === 0) throw new HubError("badData", `${id} has no pictures in the split ${split}: ${why}`)
      return { id, commit: remote.commit, folder: resolve(folder), ...written }
    })
  } catch (error) {
    if (signal?.aborted === true) throw new HubError("aborted", `Stopped while ${action}.`)
    throw explain(error, action, connection.endpoint)
  }
}
