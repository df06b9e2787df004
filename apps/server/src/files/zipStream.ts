/** ZIP files written as a stream, their entries stored as they are: pictures and weights do not compress. */

import { crc32 } from "node:zlib"

export type ZipEntry = {
  /** With slashes, relative. */
  readonly path: string
  readonly open: () => Promise<AsyncIterable<Uint8Array>> | AsyncIterable<Uint8Array>
}

/** Sizes stand after the bytes, in a data descriptor; names are UTF-8. */
const flags = 0x0808
const limit32 = 0xffffffff
/** 1980-01-01, so that the same entries give the same bytes. */
const dosDate = 0x21

/** PKWARE's APPNOTE 6.3.10, always in the 64-bit form, for a model may have more than 4 GB. */
export async function* zipStream(entries: Iterable<ZipEntry> | AsyncIterable<ZipEntry>): AsyncGenerator<Buffer> {
  let offset = 0
  const directory: Buffer[] = []
  for await (const { path, open } of entries) {
    const name = Buffer.from(path)
    const start = offset
    const header = localHeader(name)
    yield header
    offset += header.length
    let crc = 0
    let size = 0
    for await (const chunk of await open()) {
      crc = crc32(chunk, crc)
      size += chunk.byteLength
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    }
    const descriptor = Buffer.alloc(24)
    descriptor.writeUInt32LE(0x08074b50, 0)
    descriptor.writeUInt32LE(crc, 4)
    descriptor.writeBigUInt64LE(BigInt(size), 8)
    descriptor.writeBigUInt64LE(BigInt(size), 16)
    yield descriptor
    offset += size + descriptor.length
    directory.push(centralHeader(name, crc, size, start))
  }
  const central = Buffer.concat(directory)
  yield central
  yield ending(directory.length, central.length, offset)
}

function localHeader(name: Buffer): Buffer {
  // Local headers say with an extra field of 64-bit sizes that the descriptor is 64 bits wide.
  const header = Buffer.alloc(30 + name.length + 20)
  header.writeUInt32LE(0x04034b50, 0)
  header.writeUInt16LE(45, 4)
  header.writeUInt16LE(flags, 6)
  header.writeUInt16LE(dosDate, 12)
  header.writeUInt32LE(limit32, 18)
  header.writeUInt32LE(limit32, 22)
  header.writeUInt16LE(name.length, 26)
  header.writeUInt16LE(20, 28)
  name.copy(header, 30)
  header.writeUInt16LE(1, 30 + name.length)
  header.writeUInt16LE(16, 32 + name.length)
  return header
}

function centralHeader(name: Buffer, crc: number, size: number, start: number): Buffer {
  const header = Buffer.alloc(46 + name.length + 28)
  header.writeUInt32LE(0x02014b50, 0)
  // Made on Unix, so that the mode below means something: a plain file, rw-r--r--.
  header.writeUInt16LE((3 << 8) | 45, 4)
  header.writeUInt16LE(45, 6)
  header.writeUInt16LE(flags, 8)
  header.writeUInt16LE(dosDate, 14)
  header.writeUInt32LE(crc, 16)
  header.writeUInt32LE(limit32, 20)
  header.writeUInt32LE(limit32, 24)
  header.writeUInt16LE(name.length, 28)
  header.writeUInt16LE(28, 30)
  header.writeUInt32LE(0o100644 * 0x10000, 38)
  header.writeUInt32LE(limit32, 42)
  name.copy(header, 46)
  const extra = 46 + name.length
  header.writeUInt16LE(1, extra)
  header.writeUInt16LE(24, extra + 2)
  header.writeBigUInt64LE(BigInt(size), extra + 4)
  header.writeBigUInt64LE(BigInt(size), extra + 12)
  header.writeBigUInt64LE(BigInt(start), extra + 20)
  return header
}

function ending(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(56 + 20 + 22)
  end.writeUInt32LE(0x06064b50, 0)
  end.writeBigUInt64LE(44n, 4)
  end.writeUInt16LE(45, 12)
  end.writeUInt16LE(45, 14)
  end.writeBigUInt64LE(BigInt(count), 24)
  end.writeBigUInt64LE(BigInt(count), 32)
  end.writeBigUInt64LE(BigInt(size), 40)
  end.writeBigUInt64LE(BigInt(offset), 48)
  end.writeUInt32LE(0x07064b50, 56)
  end.writeBigUInt64LE(BigInt(offset + size), 64)
  end.writeUInt32LE(1, 72)
  end.writeUInt32LE(0x06054b50, 76)
  end.writeUInt16LE(0xffff, 84)
  end.writeUInt16LE(0xffff, 86)
  end.writeUInt32LE(limit32, 88)
  end.writeUInt32LE(limit32, 92)
  return end
}
