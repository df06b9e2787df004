/** What a transfer tells whoever listens; bytes count the files' own bytes, in either direction. */

export type TransferEvent =
  | { readonly type: "TransferStarted"; readonly files: number; readonly totalBytes: number }
  /** Reading files to know their hashes before they are sent. */
  | { readonly type: "FilesHashed"; readonly file: string; readonly bytes: number; readonly totalBytes: number }
  | {
      readonly type: "BytesTransferred"
      readonly file: string
      readonly fileBytes: number
      readonly fileTotalBytes: number
      readonly bytes: number
      readonly totalBytes: number
    }
  /** Nothing to send or fetch for this file: it is there already, with the same hash. */
  | { readonly type: "FileSkipped"; readonly file: string; readonly bytes: number }
  | { readonly type: "Retrying"; readonly reason: string; readonly waitSeconds: number; readonly attempt: number }
  | { readonly type: "TransferFinished"; readonly page: string; readonly commit: string; readonly folder?: string }

export type TransferOptions = {
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: ((event: TransferEvent) => void) | undefined
}

/** Adds up the progress of many files, so that a file that starts again takes back what it had counted. */
export class ByteCounter {
  readonly totalBytes: number
  readonly #done = new Map<string, number>()
  readonly #onEvent: TransferOptions["onEvent"]
  #bytes = 0

  constructor(totalBytes: number, onEvent: TransferOptions["onEvent"]) {
    this.totalBytes = totalBytes
    this.#onEvent = onEvent
  }

  /** @param fileBytes how many bytes of the file are through, counted from its start */
  moved(file: string, fileBytes: number, fileTotalBytes: number): void {
    const before = this.#done.get(file) ?? 0
    if (before === fileBytes && this.#done.has(file)) return
    this.#done.set(file, fileBytes)
    this.#bytes += fileBytes - before
    this.#onEvent?.({
      type: "BytesTransferred",
      file,
      fileBytes,
      fileTotalBytes,
      bytes: this.#bytes,
      totalBytes: this.totalBytes,
    })
  }

  skipped(file: string, bytes: number): void {
    this.#bytes += bytes - (this.#done.get(file) ?? 0)
    this.#done.set(file, bytes)
    this.#onEvent?.({ type: "FileSkipped", file, bytes })
  }
}
