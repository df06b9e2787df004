/** Files as objects `files/HASH` of a bucket of Amazon S3 or anything that speaks its protocol. */

import { createWriteStream } from "node:fs"
import { open, readFile } from "node:fs/promises"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { S3mini } from "s3mini"
import type { Storage, StoredFile } from "./fileStore.ts"

export type S3Options = {
  /** https://HOST or https://HOST/PREFIX, without the bucket. */
  readonly endpoint: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly region: string
}

const partBytes = 16 * 2 ** 20
/** An object that no row refers to is swept when it is twice as old, so that storing the same bytes again may trust it. */
const trustedMs = 3 * 3600 * 1000
const prefix = "files/"

export function s3Storage({ endpoint, bucket, ...options }: S3Options): Storage {
  const s3 = new S3mini({ ...options, endpoint: `${endpoint.replace(/\/$/, "")}/${bucket}` })
  const keyOf = (hash: string) => `${prefix}${hash}`
  return {
    async keep(path, file) {
      const key = keyOf(file.hash)
      const [known] = (await s3.listObjects("/", key, 1)) ?? []
      if (known?.Key === key && Number(known.Size) === file.byteSize) {
        if (Date.now() - new Date(known.LastModified).getTime() < trustedMs) return
      }
      if (file.byteSize <= partBytes) {
        const response = await s3.putObject(key, await readFile(path), "application/octet-stream")
        if (!response.ok) throw new Error(`The bucket ${bucket} refused ${key} with status ${response.status}.`)
      } else await putParts(s3, key, path, file)
    },
    async open(hash, range) {
      const response =
        range === undefined
          ? await s3.getObjectResponse(keyOf(hash))
          : await s3.getObjectRaw(keyOf(hash), false, range.start, range.end + 1)
      if (response === null || response.status === 404 || response.body === null) return null
      // The types of the web's streams in Node and in the DOM differ in name only.
      return Readable.fromWeb(response.body as import("node:stream/web").ReadableStream)
    },
    async copyTo(hash, path) {
      const stream = await this.open(hash)
      if (stream === null) return false
      await pipeline(stream, createWriteStream(path, { flags: "wx" }))
      return true
    },
    async has(hash) {
      return (await s3.objectExists(keyOf(hash))) === true
    },
    async delete(hash) {
      await s3.deleteObject(keyOf(hash))
    },
    async *list() {
      let token: string | undefined
      do {
        const page = await s3.listObjectsPaged("/", prefix, 1000, token)
        for (const { Key, Size, LastModified } of page?.objects ?? [])
          yield { hash: Key.slice(prefix.length), byteSize: Number(Size), modifiedAt: new Date(LastModified) }
        token = page?.nextContinuationToken
      } while (token !== undefined)
    },
  }
}

async function putParts(s3: S3mini, key: string, path: string, { byteSize }: StoredFile) {
  const upload = await s3.getMultipartUploadId(key, "application/octet-stream")
  const file = await open(path)
  try {
    const parts = []
    for (let start = 0; start < byteSize; start += partBytes) {
      const bytes = Buffer.alloc(Math.min(partBytes, byteSize - start))
      await file.read(bytes, 0, bytes.length, start)
      parts.push(await s3.uploadPart(key, upload, bytes, parts.length + 1))
    }
    await s3.completeMultipartUpload(key, upload, parts)
  } catch (error) {
    await s3.abortMultipartUpload(key, upload).catch(() => {})
    throw error
  } finally {
    await file.close()
  }
}
