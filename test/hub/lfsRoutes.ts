/** Git large file storage as the Hub does it: one piece, numbered parts, or Xet. */

import { type Exchange, readJson, sendError, sendJson } from "./exchange.ts"
import { issueTicket, openRepository, type World } from "./world.ts"

const mediaType = "application/vnd.git-lfs+json"

function repositoryOf(world: World, exchange: Exchange, [kind = "", id = ""]: readonly string[]) {
  const type = kind === "datasets/" ? "dataset" : kind === "spaces/" ? "space" : "model"
  return openRepository(world, exchange, type, id, "write")
}

export async function lfsBatch(world: World, exchange: Exchange, parts: readonly string[]): Promise<void> {
  const body = await readJson(exchange.request)
  const repository = repositoryOf(world, exchange, parts)
  if (repository === undefined) return
  if (exchange.request.headers.accept?.includes(mediaType) !== true) return sendError(exchange, 406, "Not acceptable")
  const offered = Array.isArray(body.transfers) ? body.transfers : ["basic"]
  const transfer = offered.includes(world.options.transfer) ? world.options.transfer : "basic"
  const asked: { oid: string; size: number }[] = Array.isArray(body.objects) ? body.objects : []
  const prefix = `${world.origins.hub}/${parts[0] ?? ""}${repository.id}.git/info/lfs`
  const verify = { href: `${prefix}/verify`, header: {} }
  const objects = asked.map(({ oid, size }) => {
    if (world.blobs.has(oid)) return { oid, size }
    if (size > world.options.largestFile)
      return { oid, size, error: { code: 413, message: "The file is larger than a repository may hold" } }
    if (transfer === "xet") {
      const header = { ...world.xet.headersOf(world.xet.token(world.origins.storage)), "X-Xet-Session-Id": "stand-in" }
      const href = `${world.origins.hub}/api/${repository.type}s/${repository.id}/xet-write-token/main`
      return { oid, size, actions: { upload: { href, header }, verify } }
    }
    const { partBytes } = world.options
    if (transfer === "multipart" && size > partBytes) {
      const group = `${oid}-${world.tickets.size}`
      const header: Record<string, string> = { chunk_size: String(partBytes) }
      for (let part = 1; part <= Math.ceil(size / partBytes); part += 1) {
        const partSize = Math.min(partBytes, size - (part - 1) * partBytes)
        header[String(part).padStart(5, "0")] = issueTicket(world, { kind: "part", oid, size: partSize, part, group })
      }
      const href = issueTicket(world, { kind: "complete", oid, size, group })
      return { oid, size, actions: { upload: { href, header }, verify } }
    }
    return { oid, size, actions: { upload: { href: issueTicket(world, { kind: "put", oid, size }) }, verify } }
  })
  sendJson(exchange, { transfer, objects }, 200, { "content-type": mediaType })
}

export async function lfsVerify(world: World, exchange: Exchange, parts: readonly string[]): Promise<void> {
  const { oid, size } = await readJson(exchange.request)
  if (repositoryOf(world, exchange, parts) === undefined) return
  const key = String(oid)
  if (world.blobs.has(key) && world.blobs.size(key) === size) sendJson(exchange, {})
  else sendError(exchange, 404, "Object not found")
}
