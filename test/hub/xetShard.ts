/** Reading a shard: which chunks of which xorbs make which file. */

export type Term = {
  readonly hash: string
  readonly unpackedLength: number
  /** Chunks [start, end) of the xorb. */
  readonly start: number
  readonly end: number
}

export type ShardFile = { readonly hash: string; readonly sha256: string | undefined; readonly terms: readonly Term[] }

const headerBytes = 48
const recordBytes = 48
const withVerification = 0x80000000
const withMetadata = 0x40000000

/** Four little-endian 64-bit numbers, each printed as 16 hexadecimal digits. */
function hashAt(bytes: Buffer, at: number): string {
  return [0, 8, 16, 24]
    .map((word) =>
      bytes
        .readBigUInt64LE(at + word)
        .toString(16)
        .padStart(16, "0"),
    )
    .join("")
}

/** @throws Error for bytes that do not begin as a shard does */
export function parseShard(bytes: Buffer): ShardFile[] {
  if (bytes.subarray(0, 14).toString("latin1") !== "HFRepoMetaData") throw new Error("This is no shard.")
  const files: ShardFile[] = []
  let at = headerBytes
  while (!bytes.subarray(at, at + 32).every((byte) => byte === 0xff)) {
    const hash = hashAt(bytes, at)
    const flags = bytes.readUInt32LE(at + 32)
    const count = bytes.readUInt32LE(at + 36)
    at += recordBytes
    const terms: Term[] = []
    for (let index = 0; index < count; index += 1, at += recordBytes)
      terms.push({
        hash: hashAt(bytes, at),
        unpackedLength: bytes.readUInt32LE(at + 36),
        start: bytes.readUInt32LE(at + 40),
        end: bytes.readUInt32LE(at + 44),
      })
    if ((flags & withVerification) !== 0) at += count * recordBytes
    let sha256: string | undefined
    if ((flags & withMetadata) !== 0) {
      sha256 = hashAt(bytes, at)
      at += recordBytes
    }
    files.push({ hash, sha256, terms })
  }
  return files
}
