/** All that the stand-in knows: accounts, repositories, stored files, what its storage has promised to take. */

import { randomUUID } from "node:crypto"
import type { BlobStore } from "./blobStore.ts"
import type { Exchange } from "./exchange.ts"
import { sendError } from "./exchange.ts"
import type { SignIns } from "./oauthRoutes.ts"
import type { Repository, RepositoryType } from "./repository.ts"
import type { XetStore } from "./xetStore.ts"

export type Account = {
  readonly name: string
  readonly role: "read" | "write"
  readonly organisations: readonly string[]
}

/** How uploads go: in one piece, in parts, or as Xet's deduplicated chunks where the client offers it. */
export type TransferKind = "basic" | "multipart" | "xet"

/** An address that the storage server accepts once, without any authorisation header. */
export type Ticket = {
  readonly kind: "put" | "part" | "complete" | "get"
  readonly oid: string
  readonly size: number
  readonly part?: number
  readonly group?: string
}

export type World = {
  readonly accounts: Map<string, Account>
  readonly repositories: Map<string, Repository>
  readonly blobs: BlobStore
  readonly xet: XetStore
  readonly tickets: Map<string, Ticket>
  readonly signIns: SignIns
  /** Parts of a file that have arrived: group → part → upload. */
  readonly parts: Map<string, Map<number, { upload: string; etag: string }>>
  readonly options: {
    readonly transfer: TransferKind
    readonly partBytes: number
    readonly pageSize: number
    readonly largestFile: number
  }
  /** Addresses, known when both servers listen. */
  readonly origins: { hub: string; storage: string }
}

export function issueTicket({ tickets, origins }: World, ticket: Ticket): string {
  const id = randomUUID()
  tickets.set(id, ticket)
  return `${origins.storage}/objects/${ticket.oid}?signature=${id}`
}

export function repositoryKey(type: RepositoryType, id: string): string {
  return `${type}s/${id}`
}

/** The account of a request; "invalid" for a token that nobody has. */
export function accountOf({ accounts }: World, { request }: Exchange): Account | "invalid" | undefined {
  const header = request.headers.authorization
  if (header === undefined) return undefined
  return accounts.get(header.replace(/^Bearer /, "")) ?? "invalid"
}

/** The repository, where this account may do what it wants with it; otherwise the Hub's refusal has been sent. */
export function openRepository(
  world: World,
  exchange: Exchange,
  type: RepositoryType,
  id: string,
  purpose: "look" | "read" | "write",
): Repository | undefined {
  const account = accountOf(world, exchange)
  if (account === "invalid") {
    sendError(exchange, 401, "Invalid credentials in Authorization header")
    return undefined
  }
  const repository = world.repositories.get(repositoryKey(type, id))
  const owns = account !== undefined && repository !== undefined && ownsIt(account, repository.owner)
  if (repository === undefined || (repository.isPrivate && !owns)) {
    if (account === undefined) sendError(exchange, 401, "Invalid username or password.", "RepoNotFound")
    else sendError(exchange, 404, "Repository not found", "RepoNotFound")
    return undefined
  }
  if (purpose === "write" && (!owns || account.role !== "write")) {
    if (account === undefined) sendError(exchange, 401, "Invalid username or password.")
    else sendError(exchange, 403, "You don't have the rights to update this repository")
    return undefined
  }
  if (purpose === "read" && repository.gated && !owns && !repository.accepted.has(account?.name ?? "")) {
    const message = `Access to ${type} ${id} is restricted and you are not in the authorized list.`
    sendError(exchange, account === undefined ? 401 : 403, message, "GatedRepo")
    return undefined
  }
  return repository
}

export function ownsIt({ name, organisations }: Account, owner: string): boolean {
  return name === owner || organisations.includes(owner)
}
