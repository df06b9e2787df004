/**
 * Reading parquet files of strangers, in a process of its own: a few bytes of them can ask for any number of values, or
 * for counting without end, and then it is that process which ends. (A thread would take this one with it.)
 */

import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { HubError } from "../hubError.ts"
import type { ParquetAnswer, ParquetTask } from "./parquetProcess.ts"
import type { ColumnChoice, StoredImage } from "./parquetTable.ts"

/** What the values of a row group may take, beside the bytes of its pictures. */
const mostMegabytes = 512

/** Reading a row group takes seconds. */
const longestMilliseconds = 120_000

type Limits = { readonly longest?: number; readonly signal?: AbortSignal | undefined }

const program = fileURLToPath(new URL("./parquetProcess.ts", import.meta.url))

/** Asks the process for rows until it has no more. @throws HubError, and what the signal says */
async function* rowsOf<Row>(task: ParquetTask, { longest = longestMilliseconds, signal }: Limits) {
  const child = fork(program, [JSON.stringify(task)], {
    execArgv: [`--max-old-space-size=${mostMegabytes}`],
    // It needs to know nothing of anybody's settings and secrets.
    env: { NODE_ENV: "production" },
    serialization: "advanced",
    // Nothing is written to its input: it ends with this process, and the child with it, however busy it is.
    stdio: ["pipe", "ignore", "ignore", "ipc"],
  })
  try {
    for (;;) {
      const answer = await nextAnswer<Row>(child, task.name, longest, signal)
      if (answer.type === "failed") throw new HubError(answer.code, answer.message)
      if (answer.type === "done") return
      yield* answer.rows
    }
  } finally {
    child.kill("SIGKILL")
  }
}

async function nextAnswer<Row>(
  child: ChildProcess,
  name: string,
  longest: number,
  stop: AbortSignal | undefined,
): Promise<ParquetAnswer<Row>> {
  const answeredOrOver = new AbortController()
  const timeout = AbortSignal.timeout(longest)
  const signal = AbortSignal.any([answeredOrOver.signal, timeout, ...(stop === undefined ? [] : [stop])])
  try {
    child.send("next", () => {})
    const over = child.exitCode !== null || child.signalCode !== null
    const ended = over ? undefined : once(child, "exit", { signal }).then(() => undefined)
    const answered = once(child, "message", { signal }).then(([answer]) => answer as ParquetAnswer<Row>)
    const answer = await Promise.race([answered, ended])
    if (answer !== undefined) return answer
  } catch (error) {
    stop?.throwIfAborted()
    if (!timeout.aborted) throw error
    const seconds = Math.ceil(longest / 1000)
    throw new HubError(
      "badData",
      `Reading ${name} does not end within ${seconds} s; it is damaged, or made to do harm.`,
    )
  } finally {
    answeredOrOver.abort()
  }
  throw new HubError(
    "tooLarge",
    `${name} asks for more memory than pictures and captions need; it is damaged, or made to do harm.`,
  )
}

/**
 * @param name of the file, for messages
 * @throws HubError for what is no parquet file, for columns that are not there and for what would not fit into memory
 */
export function readParquetImages(
  path: string,
  name: string,
  choice: ColumnChoice,
  limits: Limits = {},
): AsyncGenerator<StoredImage> {
  return rowsOf<StoredImage>({ kind: "images", path, name, choice }, limits)
}

/** Rows of a small parquet file of texts, e.g. metadata.parquet. @throws HubError as readParquetImages does */
export function readParquetRows(path: string, name: string): Promise<Record<string, unknown>[]> {
  return Array.fromAsync(rowsOf<Record<string, unknown>>({ kind: "rows", path, name }, {}))
}
