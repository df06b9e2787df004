/** ZIP archives of pictures, read with suspicion: nothing is extracted by name and every byte is counted. */

import { createWriteStream } from "node:fs"
import { join } from "node:path"
import { Transform } from "node:stream"
import { pipeline } from "node:stream/promises"
import yauzl from "yauzl"
import { isSidecar, maxSidecarBytes } from "./sidecars.ts"

/** What a ZIP file may not be; the message is for people. */
export class ArchiveRefused extends Error {}

const maxEntries = 2000
const maxEntryBytes = 64 * 2 ** 20
const maxTotalBytes = 4 * 2 ** 30
/** Deflate makes at most 1032 times of its input; pictures are compressed already. */
const maxRatio = 100
const pictures = /\.(jpe?g|png|webp|avif|gif|heic|heif)$/i
const archives = /\.(zip|tar|tgz|gz|bz2|xz|7z|rar|zst)$/i

export type ArchivePart = {
  /** As it stands in the archive; for comparing only. */
  readonly path: string
  readonly kind: "picture" | "sidecar"
  /** Where its bytes lie now. */
  readonly file: string
}

const isNoise = (path: string) => path.endsWith("/") || /(^|\/)(__MACOSX\/|\.|Thumbs\.db$|desktop\.ini$)/i.test(path)

/** The upper half of the attributes is the Unix mode: anything but a plain file (or nothing said) is refused. */
function isSpecial(entry: yauzl.Entry) {
  const type = (entry.externalFileAttributes >>> 16) & 0o170000
  return type !== 0 && type !== 0o100000 && type !== 0o040000
}

/** Copies the pictures and captions out, one by one, into numbered files of `folder`. @throws ArchiveRefused */
export async function* archiveParts(path: string, folder: string): AsyncGenerator<ArchivePart> {
  const zip = await yauzl
    .openPromise(path, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true })
    .catch(refuse)
  let total = 0
  const names = new Set<string>()
  try {
    if (zip.entryCount > maxEntries)
      throw new ArchiveRefused(`It has ${zip.entryCount} entries; at most ${maxEntries} are allowed.`)
    let number = 0
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName
      if (++number > maxEntries) throw new ArchiveRefused(`It has more than ${maxEntries} entries.`)
      if (entry.isEncrypted()) throw new ArchiveRefused("It is encrypted; send it without a password.")
      if (isSpecial(entry)) throw new ArchiveRefused(`${name} is a link or a device, not a file.`)
      if (isNoise(name)) continue
      if (archives.test(name)) throw new ArchiveRefused(`${name} is an archive within the archive; unpack it first.`)
      const key = name.normalize("NFC").toLowerCase()
      if (names.has(key)) throw new ArchiveRefused(`The name ${name} occurs twice.`)
      names.add(key)
      const kind = isSidecar(name) ? "sidecar" : pictures.test(name) ? "picture" : undefined
      if (kind === undefined) continue
      const most = kind === "sidecar" ? maxSidecarBytes : maxEntryBytes
      const file = join(folder, String(number))
      const stream = await zip.openReadStreamPromise(entry)
      // What the headers say of sizes is not believed.
      let size = 0
      const count = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          size += chunk.length
          total += chunk.length
          if (size > most) return done(new ArchiveRefused(`${name} unpacks to more than ${most} bytes.`))
          if (total > maxTotalBytes) return done(new ArchiveRefused(`It unpacks to more than ${maxTotalBytes} bytes.`))
          if (size > 2 ** 20 && size > maxRatio * entry.compressedSize)
            return done(new ArchiveRefused(`${name} unpacks to more than ${maxRatio} times its size.`))
          done(null, chunk)
        },
      })
      await pipeline(stream, count, createWriteStream(file, { flags: "wx" }))
      yield { path: name, kind, file }
    }
  } catch (error) {
    refuse(error)
  } finally {
    zip.close()
  }
}

function refuse(error: unknown): never {
  if (error instanceof ArchiveRefused) throw error
  if (error instanceof Error && "code" in error && error.code === "ENOSPC") throw error
  const message = error instanceof Error ? error.message : String(error)
  throw new ArchiveRefused(`It is no ZIP file that can be read: ${message}`)
}
