/**
 * A stand-in of the Hugging Face Hub on this machine, honest enough for the official clients: git's names of files,
 * large file storage in one piece, in parts and by Xet, pages, redirects to a storage server under another host name,
 * the Hub's error codes, rate limits, and faults that a test orders.
 */

import { createHash } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { BlobStore } from "./blobStore.ts"
import { sendError } from "./exchange.ts"
import { type Fault, type FaultKind, inject } from "./faults.ts"
import { answerHub } from "./hubRoutes.ts"
import { answerOAuth } from "./oauthRoutes.ts"
import { Repository, storeSmall } from "./repository.ts"
import { answerStorage } from "./storageRoutes.ts"
import { type Account, repositoryKey, type TransferKind, type World } from "./world.ts"
import { XetStore } from "./xetStore.ts"

export type StandInOptions = {
  readonly transfer?: TransferKind
  readonly partBytes?: number
  /** Entries of a listing per page. */
  readonly pageSize?: number
  readonly largestFile?: number
  /** Requests to the Hub that are answered before it says 429 once per request over. */
  readonly rateLimit?: { readonly requests: number; readonly waitSeconds: number }
}

export type SeenRequest = {
  readonly server: "hub" | "storage"
  readonly method: string
  readonly path: string
  readonly authorised: boolean
}

export class StandIn {
  readonly world: World
  /** Every request so far, in order. */
  readonly seen: SeenRequest[] = []
  /** Tokens of two accounts that may write, and of one that may only read. */
  readonly token = "hf_standInTokenOfAnna"
  readonly strangerToken = "hf_standInTokenOfBert"
  readonly readToken = "hf_standInTokenOfAnnaToRead"
  fault: Fault | undefined
  /** Faults by the number of the request, e.g. `stormy(5)`. */
  storm: ((index: number) => FaultKind | undefined) | undefined
  #limit: StandInOptions["rateLimit"]
  #servers: readonly Server[] = []

  constructor(options: StandInOptions) {
    const blobs = new BlobStore(mkdtempSync(join(tmpdir(), "fjord-stand-in-")))
    const anna: Account = { name: "anna", role: "write", organisations: ["fjords"] }
    this.#limit = options.rateLimit
    this.world = {
      accounts: new Map([
        [this.token, anna],
        [this.strangerToken, { name: "bert", role: "write", organisations: [] }],
        [this.readToken, { ...anna, role: "read" }],
      ]),
      repositories: new Map(),
      blobs,
      xet: new XetStore(blobs),
      tickets: new Map(),
      signIns: { consent: "given", grants: new Map() },
      parts: new Map(),
      options: {
        transfer: options.transfer ?? "basic",
        partBytes: options.partBytes ?? 20_000_000,
        pageSize: options.pageSize ?? 1000,
        largestFile: options.largestFile ?? 50_000_000_000,
      },
      origins: { hub: "", storage: "" },
    }
  }

  get endpoint(): string {
    return this.world.origins.hub
  }

  /** A repository as the tests know it; made by a client or by `add`. */
  repository(type: "model" | "dataset", id: string): Repository | undefined {
    return this.world.repositories.get(repositoryKey(type, id))
  }

  add(type: "model" | "dataset", id: string, { isPrivate = false } = {}): Repository {
    const repository = new Repository(type, id, isPrivate, this.world.blobs)
    this.world.repositories.set(repositoryKey(type, id), repository)
    return repository
  }

  /** A small file in a repository, which is made if need be. */
  addFile(type: "model" | "dataset", id: string, path: string, content: string): void {
    const repository = this.repository(type, id) ?? this.add(type, id)
    const file = storeSmall(this.world.blobs, path, Buffer.from(content))
    repository.commit("main", path, new Map([...(repository.head("main")?.files ?? []), [path, file]]))
  }

  /** As if nobody had ever uploaded these bytes as a large file. */
  forgetContent(content: Uint8Array): void {
    this.world.blobs.drop(createHash("sha256").update(content).digest("hex"))
  }

  /** The next request that `strikes` accepts fails so, once. */
  failOnce(kind: FaultKind, strikes: (request: IncomingMessage, index: number) => boolean): void {
    this.fault = {
      kind,
      strikes: (request, index) => {
        if (!strikes(request, index)) return false
        this.fault = undefined
        return true
      },
    }
  }

  async listen(): Promise<this> {
    const hub = createServer(this.#listener("hub", answerHub))
    const storage = createServer(this.#listener("storage", answerStorage))
    this.#servers = [hub, storage]
    this.world.origins.hub = `http://127.0.0.1:${await portOf(hub)}`
    // Another host name, not only another port: some clients keep their token across ports.
    this.world.origins.storage = `http://localhost:${await portOf(storage)}`
    return this
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    rmSync(this.world.blobs.folder, { recursive: true, force: true })
  }

  #listener(server: SeenRequest["server"], answer: typeof answerHub): RequestListener {
    return async (request, response) => {
      const { method = "GET" } = request
      const url = new URL(request.url ?? "/", this.world.origins[server])
      const index = this.seen.length
      this.seen.push({ server, method, path: url.pathname, authorised: request.headers.authorization !== undefined })
      const exchange = { request, response, url, method }
      // A client that goes away in the middle is no fault of the stand-in's.
      response.on("error", () => {})
      try {
        const kind = this.storm?.(index) ?? this.#faultOf(request, index)
        if (kind !== undefined && (await inject(kind, server, request, response))) return
        if (server === "hub" && this.#isLimited()) {
          const wait = this.#limit?.waitSeconds ?? 0
          response.writeHead(429, {
            "retry-after": String(wait),
            ratelimit: `"api";r=0;t=${wait}`,
            "ratelimit-policy": '"fixed window";"api";q=500;w=300',
          })
          return void response.end("Too many requests")
        }
        if (server === "hub" && (await answerOAuth(this.world, exchange))) return
        await answer(this.world, exchange)
      } catch (error) {
        if (response.headersSent || request.destroyed) response.destroy()
        else sendError(exchange, 500, String(error))
      }
    }
  }

  #faultOf(request: IncomingMessage, index: number): FaultKind | undefined {
    const { fault } = this
    return fault?.strikes(request, index) === true ? fault.kind : undefined
  }

  #left: number | undefined

  #isLimited(): boolean {
    if (this.#limit === undefined) return false
    this.#left ??= this.#limit.requests
    this.#left -= 1
    if (this.#left >= 0) return false
    this.#left = this.#limit.requests
    return true
  }
}

function portOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resolve(address instanceof Object ? address.port : 0)
    })
  })
}

export function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  return new StandIn(options).listen()
}
