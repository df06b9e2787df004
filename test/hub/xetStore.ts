/** Xet's content-addressed store: xorbs of chunks go in, shards say how files are made of them, reconstructions go out. */

import { randomUUID } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { open, readFile } from "node:fs/promises"
import type { BlobStore } from "./blobStore.ts"
import { type Exchange, rangeOf, readBody, sendError, sendJson } from "./exchange.ts"
import { decodeLz4Frame, regroupBytes } from "./lz4.ts"
import { parseShard, type ShardFile, type Term } from "./xetShard.ts"

type Chunk = { readonly at: number; readonly stored: number; readonly size: number; readonly scheme: number }

const chunkHeaderBytes = 8

/** The chunks in a xorb, up to the footer that some clients add. */
function chunksOf(xorb: Uint8Array): Chunk[] {
  const view = new DataView(xorb.buffer, xorb.byteOffset, xorb.byteLength)
  const three = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
  const chunks: Chunk[] = []
  for (let at = 0; at + chunkHeaderBytes <= xorb.length && view.getUint8(at) === 0; ) {
    const stored = three(at + 1)
    chunks.push({ at, stored, size: three(at + 5), scheme: view.getUint8(at + 4) })
    at += chunkHeaderBytes + stored
  }
  return chunks
}

function unpack(xorb: Uint8Array, { at, stored, size, scheme }: Chunk): Uint8Array {
  const data = xorb.subarray(at + chunkHeaderBytes, at + chunkHeaderBytes + stored)
  if (scheme === 0) return data
  const raw = decodeLz4Frame(data, size)
  return scheme === 1 ? raw : regroupBytes(raw)
}

export class XetStore {
  readonly #blobs: BlobStore
  readonly #token = randomUUID()
  readonly #signature = randomUUID()
  readonly #xorbs = new Map<string, readonly Chunk[]>()
  readonly #files = new Map<string, ShardFile>()
  readonly #hashes = new Map<string, string>()

  constructor(blobs: BlobStore) {
    this.#blobs = blobs
  }

  /** What the Hub hands out to those who may read or write a repository. */
  token(casUrl: string): { accessToken: string; casUrl: string; exp: number } {
    return { accessToken: this.#token, casUrl, exp: Math.floor(Date.now() / 1000) + 3600 }
  }

  headersOf({ casUrl, accessToken, exp }: ReturnType<XetStore["token"]>): Record<string, string> {
    return {
      "X-Xet-Cas-Url": casUrl,
      "X-Xet-Access-Token": accessToken,
      "X-Xet-Token-Expiration": String(exp),
    }
  }

  /** Xet's name of the file with this sha256, where it came by Xet. */
  hashOf(sha256: string): string | undefined {
    return this.#hashes.get(sha256)
  }

  async answer(exchange: Exchange, origin: string): Promise<void> {
    const { url, method, request } = exchange
    const [, version = "", kind = "", , last = ""] = url.pathname.split("/")
    if (version === "xorbs") return this.#sendXorb(exchange, kind)
    if (request.headers.authorization !== `Bearer ${this.#token}`) return sendError(exchange, 401, "Invalid token")
    if (kind === "chunks" && method === "GET") return sendError(exchange, 404, "Chunk not known")
    if (kind === "xorbs" && method === "POST") return this.#takeXorb(exchange, last)
    // Clients that know the newer /v2/shards, which streams its progress, come here when that is not found.
    if (kind === "shards" && version === "v1" && method === "POST") return this.#takeShard(exchange)
    if (kind === "reconstructions" && method === "GET")
      return this.#reconstruct(exchange, url.pathname.split("/")[3] ?? "", version, origin)
    sendError(exchange, 404, "Not known")
  }

  async #takeXorb(exchange: Exchange, hash: string): Promise<void> {
    const body = await readBody(exchange.request)
    this.#blobs.writeSmall(`xorb-${hash}`, body)
    this.#xorbs.set(hash, chunksOf(body))
    sendJson(exchange, { was_inserted: true })
  }

  async #takeShard(exchange: Exchange): Promise<void> {
    const files = parseShard(await readBody(exchange.request))
    for (const file of files) {
      const whole = await this.#blobs.receive(this.#bytesOf(file.terms))
      if (file.sha256 !== undefined && whole.sha256 !== file.sha256) {
        this.#blobs.drop(whole.upload)
        return sendError(exchange, 400, `The chunks of ${file.hash} do not make the promised file`)
      }
      this.#blobs.keep(whole.upload, whole.sha256)
      this.#files.set(file.hash, file)
      this.#hashes.set(whole.sha256, file.hash)
    }
    sendJson(exchange, { result: 1 })
  }

  async *#bytesOf(terms: readonly Term[]): AsyncGenerator<Uint8Array> {
    let held: { hash: string; xorb: Uint8Array } | undefined
    for (const { hash, start, end } of terms) {
      if (held?.hash !== hash) held = { hash, xorb: await readFile(this.#blobs.path(`xorb-${hash}`)) }
      for (const chunk of this.#xorbs.get(hash)?.slice(start, end) ?? []) yield unpack(held.xorb, chunk)
    }
  }

  #reconstruct(exchange: Exchange, hash: string, version: string, origin: string) {
    const file = this.#files.get(hash)
    if (file === undefined) return sendError(exchange, 404, "File not known")
    const size = file.terms.reduce((sum, term) => sum + term.unpackedLength, 0)
    const range = rangeOf(exchange.request.headers.range, size)
    if (range === "bad") return sendError(exchange, 416, "Range not satisfiable")
    const { start, end } = range ?? { start: 0, end: size - 1 }
    let at = 0
    let offset = 0
    const terms: Term[] = []
    for (const term of file.terms) {
      if (at + term.unpackedLength > start && at <= end) {
        if (terms.length === 0) offset = start - at
        terms.push(term)
      }
      at += term.unpackedLength
    }
    const sources = Object.groupBy(terms, (term) => term.hash)
    const bytesOf = (term: Term) => {
      const chunks = this.#xorbs.get(term.hash) ?? []
      const last = chunks[term.end - 1]
      return { start: chunks[term.start]?.at ?? 0, end: (last?.at ?? 0) + chunkHeaderBytes + (last?.stored ?? 0) - 1 }
    }
    const address = (name: string, term: Term) =>
      `${origin}/xorbs/${name}?signature=${this.#signature}&part=${term.start}`
    const each = <Value>(make: (name: string, term: Term) => Value) =>
      Object.fromEntries(
        Object.entries(sources).map(([name, used = []]) => [name, used.map((term) => make(name, term))]),
      )
    const found =
      version === "v1"
        ? {
            fetch_info: each((name, term) => ({
              range: { start: term.start, end: term.end },
              url: address(name, term),
              url_range: bytesOf(term),
            })),
          }
        : {
            xorbs: each((name, term) => ({
              url: address(name, term),
              ranges: [{ chunks: { start: term.start, end: term.end }, bytes: bytesOf(term) }],
            })),
          }
    sendJson(exchange, {
      offset_into_first_range: offset,
      terms: terms.map((term) => ({
        hash: term.hash,
        unpacked_length: term.unpackedLength,
        range: { start: term.start, end: term.end },
      })),
      ...found,
    })
  }

  async #sendXorb(exchange: Exchange, hash: string): Promise<void> {
    const { request, response, url } = exchange
    const path = this.#blobs.path(`xorb-${hash}`)
    const refused = request.headers.authorization !== undefined || url.searchParams.get("signature") !== this.#signature
    if (refused || !existsSync(path)) return sendError(exchange, 403, "SignatureDoesNotMatch")
    const size = readFileSync(path).length
    const range = rangeOf(request.headers.range, size)
    if (range === undefined || range === "bad") return void response.writeHead(416).end()
    const handle = await open(path)
    const bytes = Buffer.alloc(range.end - range.start + 1)
    await handle.read(bytes, 0, bytes.length, range.start).finally(() => handle.close())
    response.writeHead(206, {
      "content-length": String(bytes.length),
      "content-range": `bytes ${range.start}-${range.end}/${size}`,
    })
    response.end(bytes)
  }
}
