/** Bytes under their SHA-256: in a local folder, or in an S3 bucket that several machines share. */

import { createHash, randomUUID } from "node:crypto"
import { createReadStream, createWriteStream } from "node:fs"
import { mkdir, readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { type Readable, Transform } from "node:stream"
import { pipeline } from "node:stream/promises"
import { folderStorage } from "./folderStorage.ts"
import { type S3Options, s3Storage } from "./s3Storage.ts"

export type StoredFile = {
  /** SHA-256 in hexadecimal digits. */
  readonly hash: string
  readonly byteSize: number
}

/** First and last byte, both included. */
export type ByteRange = { readonly start: number; readonly end: number }

/** Where the bytes lie. Files given to `keep` lie on this machine, are whole, and are moved or copied away. */
export interface Storage {
  keep(path: string, file: StoredFile): Promise<void>
  /** @returns null where it has no such file. */
  open(hash: string, range?: ByteRange): Promise<Readable | null>
  /** Writes the file to `path`, which must not exist; false where there is no such file. */
  copyTo(hash: string, path: string): Promise<boolean>
  has(hash: string): Promise<boolean>
  delete(hash: string): Promise<void>
  list(): AsyncIterable<{ readonly hash: string; readonly byteSize: number; readonly modifiedAt: Date }>
}

export interface FileStore {
  /** Stores bytes, a stream or chunks; the same bytes lie there once. Nothing is stored unless the source ends well. */
  put(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredFile>
  /** Stores a copy of a file. */
  putFile(path: string): Promise<StoredFile>
  /** @throws FileMissing */
  open(hash: string, range?: ByteRange): Promise<Readable>
  /** Lays the file at `path`, in a folder that exists, its bytes checked. @throws FileMissing */
  copyTo(hash: string, path: string): Promise<void>
  has(hash: string): Promise<boolean>
  delete(hash: string): Promise<void>
  list: Storage["list"]
  /** Removes what nobody has written to since, of bytes that were on their way. @returns how many files */
  removeLeftIncoming(since: Date): Promise<number>
}

export class FileMissing extends Error {
  override readonly name = "FileMissing"
  readonly hash: string
  constructor(hash: string) {
    super(`The file ${hash} is not in the file store; it was deleted, or the store is another one than its row's.`)
    this.hash = hash
  }
}

export type FileStoreOptions = {
  /** Receives the files, and those that are on their way. */
  readonly folder: string
  /** Where given, the files lie in a bucket and the folder holds only what is on its way. */
  readonly s3?: S3Options
}

export async function openFileStore({ folder, s3 }: FileStoreOptions): Promise<FileStore> {
  const incoming = join(folder, "incoming")
  await mkdir(incoming, { recursive: true })
  const storage = s3 === undefined ? folderStorage(folder) : s3Storage(s3)
  const put: FileStore["put"] = async (source) => {
    const path = join(incoming, randomUUID())
    try {
      const file = await spool(source instanceof Uint8Array ? [source] : source, path)
      await storage.keep(path, file)
      return file
    } finally {
      await rm(path, { force: true })
    }
  }
  return {
    put,
    putFile: (path) => put(createReadStream(path, { highWaterMark: 1 << 20 })),
    async open(hash, range) {
      const stream = await storage.open(hash, range)
      if (stream === null) throw new FileMissing(hash)
      return stream
    },
    async copyTo(hash, path) {
      if (!(await storage.copyTo(hash, path))) throw new FileMissing(hash)
      const found = await fileHashOf(path)
      if (found === hash) return
      await rm(path, { force: true })
      throw new Error(
        `The file ${hash} in the file store has other bytes (${found}): the disk or the bucket is damaged.`,
      )
    },
    has: (hash) => storage.has(hash),
    delete: (hash) => storage.delete(hash),
    list: () => storage.list(),
    async removeLeftIncoming(since) {
      let removed = 0
      for (const name of await readdir(incoming)) {
        const written = (await stat(join(incoming, name)).catch(() => undefined))?.mtime
        if (written === undefined || written > since) continue
        await rm(join(incoming, name), { force: true })
        removed++
      }
      return removed
    },
  }
}

async function spool(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>, path: string): Promise<StoredFile> {
  const hash = createHash("sha256")
  let byteSize = 0
  const count = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk)
      byteSize += chunk.byteLength
      done(null, chunk)
    },
  })
  await pipeline(source, count, createWriteStream(path, { flags: "wx", flush: true }))
  return { hash: hash.digest("hex"), byteSize }
}

async function fileHashOf(path: string): Promise<string> {
  const hash = createHash("sha256")
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest("hex")
}
