/** Parquet files as Python's `datasets` writes them for a folder of images: column image of bytes and path, column text. */

import { readFile, stat } from "node:fs/promises"
import { basename, join } from "node:path"
import { fileWriter, ParquetWriter } from "hyparquet-writer"

/** A picture of a data set, with its caption where it has one. */
export type DatasetImage = { readonly file: string; readonly caption?: string | undefined }

export type ParquetShards = {
  /** In order; still without the names they get on the Hub. */
  readonly files: readonly string[]
  readonly images: number
  /** Bytes of the pictures and texts, as `datasets` counts them. */
  readonly bytes: number
}

/** Shards of at most this size, as push_to_hub makes them. */
const shardBytes = 500_000_000
/** A row group is held in memory, by writer and reader alike; the Hub's viewer reads one to show a page. */
const groupBytes = 20_000_000
const groupRows = 100

const image = { _type: "Image" }
const text = { dtype: "string", _type: "Value" }

type Row = { readonly bytes: Uint8Array; readonly path: string; readonly caption: string | undefined }

/** One parquet file that grows by row groups. */
class Shard {
  readonly file: string
  bytes = 0
  readonly #writer: ParquetWriter
  readonly #captions: boolean
  #rows: Row[] = []
  #pending = 0

  constructor(file: string, captions: boolean) {
    this.file = file
    this.#captions = captions
    const features = captions ? { image, text } : { image }
    this.#writer = new ParquetWriter({
      writer: fileWriter(file),
      codec: "UNCOMPRESSED",
      statistics: false,
      createdBy: "fjord",
      kvMetadata: [{ key: "huggingface", value: JSON.stringify({ info: { features } }) }],
      schema: [
        { name: "schema", num_children: captions ? 2 : 1 },
        { name: "image", repetition_type: "OPTIONAL", num_children: 2 },
        { name: "bytes", type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
        {
          name: "path",
          type: "BYTE_ARRAY",
          repetition_type: "OPTIONAL",
          converted_type: "UTF8",
          logical_type: { type: "STRING" },
        },
        ...(captions
          ? [
              {
                name: "text",
                type: "BYTE_ARRAY" as const,
                repetition_type: "OPTIONAL" as const,
                converted_type: "UTF8" as const,
                logical_type: { type: "STRING" as const },
              },
            ]
          : []),
      ],
    })
  }

  async add(row: Row): Promise<void> {
    this.#rows.push(row)
    this.#pending += row.bytes.length
    this.bytes += row.bytes.length
    if (this.#rows.length >= groupRows || this.#pending >= groupBytes) await this.#flush()
  }

  async finish(): Promise<void> {
    await this.#flush()
    await this.#writer.finish()
  }

  async #flush(): Promise<void> {
    const rows = this.#rows
    if (rows.length === 0) return
    const images = rows.map(({ bytes, path }) => ({ bytes, path }))
    const captions = rows.map(({ caption }) => caption ?? null)
    await this.#writer.write({
      rowGroupSize: rows.length,
      columnData: [
        { name: "image", data: images, encoding: "PLAIN" },
        ...(this.#captions ? [{ name: "text", data: captions, encoding: "PLAIN" as const }] : []),
      ],
    })
    this.#rows = []
    this.#pending = 0
  }
}

/**
 * Writes the pictures, as they are, into parquet files in `folder`; one row group of them is in memory at a time.
 * @param captions whether there is a column of them, empty where a picture has none
 * @throws the system's error for a file that cannot be read
 */
export async function writeParquet(
  images: readonly DatasetImage[],
  folder: string,
  captions: boolean,
  signal?: AbortSignal,
  largestShard = shardBytes,
): Promise<ParquetShards> {
  const shards: Shard[] = []
  let bytes = 0
  let shard: Shard | undefined
  for (const { file, caption } of images) {
    signal?.throwIfAborted()
    const { size } = await stat(file)
    if (shard === undefined || shard.bytes + size > largestShard) {
      await shard?.finish()
      shard = new Shard(join(folder, `${shards.length}.parquet`), captions)
      shards.push(shard)
    }
    const path = basename(file)
    await shard.add({ bytes: await readFile(file), path, caption })
    bytes += size + Buffer.byteLength(path) + Buffer.byteLength(caption ?? "")
  }
  await shard?.finish()
  return { files: shards.map(({ file }) => file), images: images.length, bytes }
}
