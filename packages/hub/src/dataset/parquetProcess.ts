/** The process that reads a parquet file: gives one answer for each message that it gets. */

import { Worker } from "node:worker_threads"
import { HubError, type HubErrorCode } from "../hubError.ts"
import { type ColumnChoice, imagesIn, rowsIn, type StoredImage } from "./parquetTable.ts"

export type ParquetTask = { readonly path: string; readonly name: string } & (
  | { readonly kind: "images"; readonly choice: ColumnChoice }
  | { readonly kind: "rows" }
)

export type ParquetAnswer<Row> =
  | { readonly type: "rows"; readonly rows: readonly Row[] }
  | { readonly type: "done" }
  | { readonly type: "failed"; readonly code: HubErrorCode; readonly message: string }

const task: ParquetTask = JSON.parse(process.argv[2] ?? "")

// This thread may count without end and would never hear that its parent has gone.
new Worker(new URL("./parquetWatch.ts", import.meta.url)).unref()

/** Pictures that are sent together. */
const batchBytes = 4_000_000
const batchRows = 256

async function* batches(): AsyncGenerator<unknown[]> {
  const { path, name } = task
  if (task.kind === "rows") return yield await rowsIn(path, name)
  let batch: StoredImage[] = []
  let bytes = 0
  for await (const image of imagesIn(path, name, task.choice)) {
    batch.push(image)
    bytes += "bytes" in image ? image.bytes.length : 0
    if (bytes < batchBytes && batch.length < batchRows) continue
    yield batch
    batch = []
    bytes = 0
  }
  yield batch
}

const source = batches()

async function next(): Promise<ParquetAnswer<unknown>> {
  try {
    const { value, done } = await source.next()
    return done ? { type: "done" } : { type: "rows", rows: value }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return error instanceof HubError
      ? { type: "failed", code: error.code, message }
      : { type: "failed", code: "badData", message: `${task.name} cannot be read as parquet: ${message}.` }
  }
}

process.on("message", async () => process.send?.(await next()))
