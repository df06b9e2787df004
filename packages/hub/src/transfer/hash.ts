/** The two hashes by which the Hub knows a file: sha256 for those in large file storage, git's blob id for the others. */

import { createHash, type Hash } from "node:crypto"
import { createReadStream } from "node:fs"

export type FileHash = { readonly algorithm: "sha256" | "git"; readonly value: string }

/** An incremental hash; git's needs the size first. */
export function startHash(algorithm: FileHash["algorithm"], size: number): Hash {
  return algorithm === "sha256" ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`)
}

/** Reads the file as a stream. @throws the system's error when it cannot be read */
export async function hashFile(
  file: string,
  algorithm: FileHash["algorithm"],
  size: number,
  { signal, onBytes }: { signal?: AbortSignal | undefined; onBytes?: (bytes: number) => void } = {},
): Promise<string> {
  const hash = startHash(algorithm, size)
  let bytes = 0
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, ...(signal && { signal }) })) {
    hash.update(chunk)
    bytes += chunk.length
    onBytes?.(bytes)
  }
  return hash.digest("hex")
}
