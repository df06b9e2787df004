/** The stand-in's disk: files by the hash of their bytes. */

import { createHash } from "node:crypto"
import { createReadStream, createWriteStream, existsSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"

/** git's name of a blob. */
export function gitHash(content: Uint8Array): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex")
}

export class BlobStore {
  readonly folder: string
  #uploads = 0

  constructor(folder: string) {
    this.folder = folder
  }

  path(key: string): string {
    return join(this.folder, key)
  }

  has(key: string): boolean {
    return existsSync(this.path(key))
  }

  size(key: string): number {
    return statSync(this.path(key)).size
  }

  read(key: string, range?: { start: number; end: number }): Readable {
    return createReadStream(this.path(key), range)
  }

  writeSmall(key: string, content: Uint8Array): void {
    writeFileSync(this.path(key), content)
  }

  /** Takes bytes in under a name of their own. @returns it with their size and sha256 */
  async receive(source: AsyncIterable<Uint8Array>): Promise<{ upload: string; size: number; sha256: string }> {
    this.#uploads += 1
    const upload = `upload-${this.#uploads}`
    const hash = createHash("sha256")
    let size = 0
    try {
      await pipeline(
        source,
        async function* (chunks) {
          for await (const chunk of chunks) {
            hash.update(chunk)
            size += chunk.length
            yield chunk
          }
        },
        createWriteStream(this.path(upload)),
      )
    } catch (error) {
      this.drop(upload)
      throw error
    }
    return { upload, size, sha256: hash.digest("hex") }
  }

  keep(upload: string, key: string): void {
    renameSync(this.path(upload), this.path(key))
  }

  drop(upload: string): void {
    rmSync(this.path(upload), { force: true })
  }
}
