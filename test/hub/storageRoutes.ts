/**
 * The storage server: signed addresses only. As S3 does, it refuses a request that carries an authorisation header,
 * so that a client which lets its token travel to another host is found out.
 */

import { createHash } from "node:crypto"
import { type Exchange, rangeOf, readJson, sendJson } from "./exchange.ts"
import type { Ticket, World } from "./world.ts"

function refuse({ response, request }: Exchange, status: number, code: string) {
  request.resume()
  response.writeHead(status, { "content-type": "application/xml" })
  response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`)
}

export async function answerStorage(world: World, exchange: Exchange): Promise<void> {
  const { url, request, method } = exchange
  if (url.pathname.startsWith("/v1/") || url.pathname.startsWith("/v2/") || url.pathname.startsWith("/xorbs/"))
    return world.xet.answer(exchange, world.origins.storage)
  if (request.headers.authorization !== undefined) return refuse(exchange, 400, "InvalidArgument")
  const ticket = world.tickets.get(url.searchParams.get("signature") ?? "")
  if (ticket === undefined) return refuse(exchange, 403, "SignatureDoesNotMatch")
  if (ticket.kind === "get" && (method === "GET" || method === "HEAD")) return get(world, exchange, ticket)
  if ((ticket.kind === "put" || ticket.kind === "part") && method === "PUT") return put(world, exchange, ticket)
  if (ticket.kind === "complete" && method === "POST") return complete(world, exchange, ticket)
  refuse(exchange, 405, "MethodNotAllowed")
}

function get(world: World, exchange: Exchange, { oid, size }: Ticket) {
  const { response, request, method } = exchange
  const range = rangeOf(request.headers.range, size)
  if (range === "bad") return void response.writeHead(416, { "content-range": `bytes */${size}` }).end()
  const { start, end } = range ?? { start: 0, end: size - 1 }
  response.writeHead(range === undefined ? 200 : 206, {
    etag: `"${oid}"`,
    "content-type": "application/octet-stream",
    "content-length": String(end - start + 1),
    "accept-ranges": "bytes",
    ...(range && { "content-range": `bytes ${start}-${end}/${size}` }),
  })
  if (method === "HEAD" || size === 0) return void response.end()
  world.blobs.read(oid, { start, end }).pipe(response)
}

async function put(world: World, exchange: Exchange, { kind, oid, size, part, group }: Ticket): Promise<void> {
  const { request, response } = exchange
  const received = await world.blobs.receive(request)
  const wrong = received.size !== size || (kind === "put" && received.sha256 !== oid)
  if (wrong) {
    world.blobs.drop(received.upload)
    return refuse(exchange, 400, "BadDigest")
  }
  const etag = `"${createHash("md5").update(received.sha256).digest("hex")}"`
  if (kind === "put") world.blobs.keep(received.upload, oid)
  else {
    const parts = world.parts.get(group ?? "") ?? new Map()
    world.parts.set(group ?? "", parts.set(part ?? 0, { upload: received.upload, etag }))
  }
  response.writeHead(200, { etag, "content-length": "0" }).end()
}

async function complete(world: World, exchange: Exchange, { oid, size, group = "" }: Ticket): Promise<void> {
  const body = await readJson(exchange.request)
  const named: { partNumber: number; etag: string }[] = Array.isArray(body.parts) ? body.parts : []
  const arrived = world.parts.get(group) ?? new Map()
  // A second completion of the same upload, after an answer that got lost, finds the file there.
  if (world.blobs.has(oid)) return sendJson(exchange, {})
  for (const { partNumber, etag } of named)
    if (arrived.get(partNumber)?.etag !== etag) return refuse(exchange, 400, "InvalidPart")
  const whole = await world.blobs.receive(
    (async function* () {
      for (const { partNumber } of named) yield* world.blobs.read(arrived.get(partNumber)?.upload ?? "")
    })(),
  )
  if (whole.sha256 !== oid || whole.size !== size) {
    world.blobs.drop(whole.upload)
    return refuse(exchange, 400, "BadDigest")
  }
  for (const { upload } of arrived.values()) world.blobs.drop(upload)
  world.blobs.keep(whole.upload, oid)
  sendJson(exchange, {})
}
