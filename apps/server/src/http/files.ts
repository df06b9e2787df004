/** GET /files/ID, and data sets, models, checkpoints and backups as ZIP files. */

import type { IncomingHttpHeaders } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { type Request, type Response, Router } from "express"
import type { Context } from "../context.ts"
import { thumbnailSize } from "../files/address.ts"
import { backupDownload } from "../files/backups.ts"
import {
  checkpointDownload,
  type Download,
  datasetDownload,
  modelDownload,
  runFilesDownload,
} from "../files/downloads.ts"
import { fileFor } from "../files/permission.ts"
import { thumbnail, thumbnailFolder } from "../files/thumbnails.ts"
import { zipStream } from "../files/zipStream.ts"
import { route } from "./problem.ts"

type ContextOf = (headers: IncomingHttpHeaders) => Promise<Context>

/** The address names the bytes for ever, but only whoever may see them may keep them. */
const immutable = "private, max-age=31536000, immutable"
/** A share link may be revoked: its holder asks again after a while. */
const shortly = "private, max-age=300"

/** RFC 6266: a plain name for old clients, the real one in UTF-8. */
function attachment(name: string): string {
  const plain = name.replace(/[^\w. -]/g, "_").slice(0, 150) || "download"
  const coded = encodeURIComponent(name.slice(0, 150)).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${coded}`
}

/** Files are shown as nothing but what they are: no scripts, no guessing. */
function harmless(response: Response, mediaType: string) {
  response.set({
    "content-type": mediaType,
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
  })
  if (!mediaType.startsWith("image/")) response.set("content-disposition", "attachment")
}

function rangeOf(request: Request, size: number) {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "")
  if (match === null) return undefined
  const start = Number(match[1])
  const end = match[2] ? Math.min(Number(match[2]), size - 1) : size - 1
  return start <= end ? { start, end } : undefined
}

async function sendFile(context: Context, request: Request, response: Response) {
  const share = typeof request.query.share === "string" ? request.query.share : undefined
  const found = await fileFor(context.database, context.viewer, String(request.params.id), share)
  const { hash, file } = found
  const size = Number(request.query.size)
  const small = Number.isFinite(size) && size > 0 && file.mediaType.startsWith("image/")
  const etag = `"${hash}${small ? `-${thumbnailSize(size)}` : ""}"`
  harmless(response, small ? "image/webp" : file.mediaType)
  response.set({ etag, "cache-control": share === undefined ? immutable : shortly, vary: "cookie, authorization" })
  if (typeof request.query.download === "string")
    response.set("content-disposition", attachment(request.query.download))
  if (request.headers["if-none-match"] === etag) return void response.status(304).end()
  if (small) {
    const path = await thumbnail(context.files, thumbnailFolder(context), hash, thumbnailSize(size))
    return new Promise<void>((resolve, reject) =>
      response.sendFile(path, { cacheControl: false, etag: false, dotfiles: "allow", lastModified: false }, (error) =>
        error ? reject(error) : resolve(),
      ),
    )
  }
  const byteSize = Number(file.byteSize)
  const range = rangeOf(request, byteSize)
  response.set({ "accept-ranges": "bytes", "content-length": String(range ? range.end - range.start + 1 : byteSize) })
  if (range) response.status(206).set("content-range", `bytes ${range.start}-${range.end}/${byteSize}`)
  if (request.method === "HEAD") return void response.end()
  await pipeline(await context.files.open(hash, range), response)
}

async function sendZip(response: Response, { name, entries }: Download) {
  harmless(response, "application/zip")
  response.set({ "content-disposition": attachment(`${name}.zip`), "cache-control": "private, no-store" })
  await pipeline(Readable.from(zipStream(entries)), response)
}

export function fileRoutes(contextOf: ContextOf): Router {
  const router = Router()
  const id = (request: Request, name = "id") => String(request.params[name])
  router.get(
    "/files/:id",
    route(async (request, response) => sendFile(await contextOf(request.headers), request, response)),
  )
  const zip = (path: string, find: (context: Context, request: Request) => Promise<Download>) =>
    router.get(
      path,
      route(async (request, response) => sendZip(response, await find(await contextOf(request.headers), request))),
    )
  zip("/models/:id.zip", (context, request) => modelDownload(context, id(request)))
  zip("/datasets/:id.zip", (context, request) => datasetDownload(context, id(request)))
  zip("/runs/:run/checkpoints/:id.zip", (context, request) =>
    checkpointDownload(context, id(request, "run"), id(request)),
  )
  zip("/runs/:run/files.zip", (context, request) => runFilesDownload(context, id(request, "run")))
  zip("/backups/:id.zip", (context, request) => backupDownload(context, id(request)))
  return router
}
