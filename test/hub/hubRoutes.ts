/** The Hub's own server: accounts, repositories, commits, listings and the way to a file. */

import { readFileSync } from "node:fs"
import { type Exchange, rangeOf, readBody, readJson, sendError, sendJson } from "./exchange.ts"
import { lfsBatch, lfsVerify } from "./lfsRoutes.ts"
import type { Commit, RepositoryType, StoredFile } from "./repository.ts"
import { fileRow, largeFile, listTree, Repository, storeSmall } from "./repository.ts"
import { accountOf, issueTicket, openRepository, ownsIt, repositoryKey, type World } from "./world.ts"

const types: Readonly<Record<string, RepositoryType>> = { models: "model", datasets: "dataset", spaces: "space" }

type Handler = (world: World, exchange: Exchange, parts: readonly string[]) => Promise<void> | void

const api = "/api/(models|datasets|spaces)/((?:[^/]+/)?[^/]+)"
const routes: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ["GET", /^\/api\/whoami-v2$/, whoAmI],
  ["POST", /^\/api\/repos\/create$/, create],
  ["DELETE", /^\/api\/repos\/delete$/, remove],
  ["POST", /^\/api\/validate-yaml$/, validateYaml],
  ["GET", new RegExp(`^${api}/tree/([^/]+)(?:/(.+))?$`), tree],
  ["POST", new RegExp(`^${api}/paths-info/([^/]+)$`), pathsInfo],
  ["POST", new RegExp(`^${api}/preupload/([^/]+)$`), preupload],
  ["POST", new RegExp(`^${api}/commit/([^/]+)$`), commit],
  ["GET", new RegExp(`^${api}/refs$`), refs],
  ["GET", new RegExp(`^${api}/xet-(read|write)-token/([^/]+)$`), xetToken],
  ["GET", new RegExp(`^${api}(?:/revision/([^/]+))?$`), info],
  ["POST", /^\/(datasets\/|spaces\/)?([^/]+\/[^/]+)\.git\/info\/lfs\/objects\/batch$/, lfsBatch],
  ["POST", /^\/(datasets\/|spaces\/)?([^/]+\/[^/]+)\.git\/info\/lfs\/verify$/, lfsVerify],
  ["GET", /^\/(datasets\/|spaces\/)?([^/]+\/[^/]+)\/(?:resolve|raw)\/([^/]+)\/(.+)$/, resolve],
]

export async function answerHub(world: World, exchange: Exchange): Promise<void> {
  const path = decodeURI(exchange.url.pathname)
  // HEAD is GET without a body.
  const method = exchange.method === "HEAD" ? "GET" : exchange.method
  for (const [wanted, pattern, handler] of routes) {
    const match = wanted === method ? pattern.exec(path) : null
    if (match !== null)
      return handler(
        world,
        exchange,
        match.slice(1).map((part) => decodeURIComponent(part ?? "")),
      )
  }
  sendError(exchange, 404, `The stand-in does not know ${exchange.method} ${path}`)
}

function whoAmI(world: World, exchange: Exchange) {
  const account = accountOf(world, exchange)
  if (account === undefined || account === "invalid") return sendError(exchange, 401, "Invalid username or password.")
  sendJson(exchange, {
    type: "user",
    id: account.name,
    name: account.name,
    fullname: `${account.name} of the stand-in`,
    email: `${account.name}@example.org`,
    emailVerified: true,
    canPay: false,
    isPro: false,
    avatarUrl: "/avatars/none.svg",
    orgs: account.organisations.map((name) => ({ type: "org", id: name, name, fullname: name })),
    auth: {
      type: "access_token",
      accessToken: { displayName: "test", role: account.role, createdAt: "2026-01-01T00:00:00.000Z" },
    },
  })
}

async function create(world: World, exchange: Exchange): Promise<void> {
  const account = accountOf(world, exchange)
  const body = await readJson(exchange.request)
  if (account === undefined || account === "invalid") return sendError(exchange, 401, "Invalid username or password.")
  const owner = String(body.organization ?? account.name)
  const name = String(body.name)
  const type = types[`${body.type ?? "model"}s`] ?? "model"
  const id = `${owner}/${name}`
  const url = `${world.origins.hub}/${type === "model" ? "" : `${type}s/`}${id}`
  if (!/^[\w.-]{1,96}$/.test(name)) return sendError(exchange, 400, "Invalid repository name")
  if (!ownsIt(account, owner) || account.role !== "write")
    return sendError(exchange, 403, `You don't have the rights to create a ${type} under the namespace "${owner}"`)
  const key = repositoryKey(type, id)
  if (world.repositories.has(key))
    return sendError(exchange, 409, `You already created this ${type} repo`, undefined, { url })
  const isPrivate = body.visibility === "private" || body.private === true
  world.repositories.set(key, new Repository(type, id, isPrivate, world.blobs))
  sendJson(exchange, { url, name: id, id })
}

async function remove(world: World, exchange: Exchange): Promise<void> {
  const body = await readJson(exchange.request)
  const account = accountOf(world, exchange)
  const owner = body.organization ?? (account instanceof Object ? account.name : "")
  const type = types[`${body.type ?? "model"}s`] ?? "model"
  const repository = openRepository(world, exchange, type, `${owner}/${body.name}`, "write")
  if (repository === undefined) return
  world.repositories.delete(repositoryKey(type, repository.id))
  sendJson(exchange, {})
}

async function validateYaml(_world: World, exchange: Exchange): Promise<void> {
  await readBody(exchange.request)
  sendJson(exchange, { errors: [], warnings: [] })
}

/** The repository and the commit that a path names; undefined where the refusal has been sent. */
function openCommit(
  world: World,
  exchange: Exchange,
  [kind = "", id = "", revision = ""]: readonly string[],
  purpose: "look" | "read" | "write" = "look",
): { repository: Repository; commit: Commit } | undefined {
  const type = types[kind] ?? types[kind.replace("/", "")] ?? "model"
  const repository = openRepository(world, exchange, type, id, purpose)
  if (repository === undefined) return undefined
  const commit = repository.resolve(revision === "" ? "main" : revision)
  if (commit !== undefined) return { repository, commit }
  sendError(exchange, 404, `Invalid rev id: ${revision}`, "RevisionNotFound")
  return undefined
}

function info(world: World, exchange: Exchange, parts: readonly string[]) {
  const opened = openCommit(world, exchange, parts)
  if (opened === undefined) return
  const { repository, commit } = opened
  sendJson(exchange, {
    _id: repository.id,
    id: repository.id,
    modelId: repository.id,
    author: repository.owner,
    sha: commit.oid,
    private: repository.isPrivate,
    gated: repository.gated ? "auto" : false,
    disabled: false,
    downloads: 0,
    likes: 0,
    tags: [],
    lastModified: commit.date,
    createdAt: commit.date,
    cardData: cardData(world, commit),
    siblings: [...commit.files.keys()].map((rfilename) => ({ rfilename })),
  })
}

/** Of the README's front matter the plain lines, which is all that the tests ask for. */
function cardData(world: World, commit: Commit): Record<string, string> {
  const file = commit.files.get("README.md")
  if (file === undefined) return {}
  const [, front = ""] = readFileSync(world.blobs.path(file.oid), "utf8").split(/^---$/m)
  return Object.fromEntries([...front.matchAll(/^(\w+): (\S.*)$/gm)].map(([, key = "", value = ""]) => [key, value]))
}

function tree(world: World, exchange: Exchange, parts: readonly string[]) {
  const opened = openCommit(world, exchange, parts)
  if (opened === undefined) return
  const recursive = /^true$/i.test(exchange.url.searchParams.get("recursive") ?? "")
  const rows = listTree(opened.commit, parts[3] ?? "", recursive)
  if (rows.length === 0 && parts[3]) return sendError(exchange, 404, `${parts[3]} does not exist`, "EntryNotFound")
  const start = Number(exchange.url.searchParams.get("cursor") ?? 0)
  const end = start + world.options.pageSize
  const headers: Record<string, string> = {}
  if (end < rows.length) {
    const next = new URL(exchange.url.pathname + exchange.url.search, world.origins.hub)
    next.searchParams.set("cursor", String(end))
    headers.link = `<${next}>; rel="next"`
  }
  sendJson(exchange, rows.slice(start, end), 200, headers)
}

async function pathsInfo(world: World, exchange: Exchange, parts: readonly string[]): Promise<void> {
  const text = (await readBody(exchange.request)).toString("utf8")
  const opened = openCommit(world, exchange, parts)
  if (opened === undefined) return
  // The JavaScript client sends JSON, Python's a form.
  const json = exchange.request.headers["content-type"]?.includes("json") === true
  const paths: unknown = json ? JSON.parse(text).paths : new URLSearchParams(text).getAll("paths")
  const rows = (Array.isArray(paths) ? paths : []).flatMap((path) => {
    const file = opened.commit.files.get(String(path))
    return file === undefined ? [] : [fileRow(file)]
  })
  sendJson(exchange, rows)
}

function refs(world: World, exchange: Exchange, parts: readonly string[]) {
  const opened = openCommit(world, exchange, parts)
  if (opened === undefined) return
  const branches = [...opened.repository.branches].map(([name, targetCommit]) => ({
    name,
    ref: `refs/heads/${name}`,
    targetCommit,
  }))
  sendJson(exchange, { branches, converts: [], tags: [], pullRequests: [] })
}

async function preupload(world: World, exchange: Exchange, parts: readonly string[]): Promise<void> {
  const body = await readJson(exchange.request)
  const opened = openCommit(world, exchange, parts, "write")
  if (opened === undefined) return
  const asked = Array.isArray(body.files) ? body.files : []
  const files = asked.map(({ path, size }: { path: string; size: number }) => {
    const there = opened.commit.files.get(path)
    const uploadMode = opened.repository.isLarge(path, size) ? "lfs" : "regular"
    return { path, uploadMode, shouldIgnore: false, oid: there === undefined ? null : (there.lfs?.oid ?? there.oid) }
  })
  sendJson(exchange, { files })
}

type CommitLine = { key: string; value: Record<string, string> & { size?: number } }

async function commit(world: World, exchange: Exchange, parts: readonly string[]): Promise<void> {
  const text = (await readBody(exchange.request)).toString("utf8")
  const opened = openCommit(world, exchange, parts, "write")
  if (opened === undefined) return
  const { repository, commit: parent } = opened
  const files = new Map<string, StoredFile>(parent.files)
  let title = ""
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue
    const { key, value }: CommitLine = JSON.parse(line)
    const { path = "", oid = "", content = "" } = value
    if (key === "header") {
      title = value.summary ?? ""
      if (value.parentCommit !== undefined && value.parentCommit !== parent.oid)
        return sendError(exchange, 412, "A commit has happened since. Please refresh and try again.")
    } else if (key === "file") {
      files.set(path, storeSmall(world.blobs, path, Buffer.from(content, "base64")))
    } else if (key === "lfsFile") {
      if (!world.blobs.has(oid)) return sendError(exchange, 400, `LFS object ${oid} of ${path} was never uploaded`)
      const size = world.blobs.size(oid)
      if (size !== value.size) return sendError(exchange, 400, `LFS object ${oid} has ${size} bytes`)
      files.set(path, largeFile(path, oid, size, world.xet.hashOf(oid)))
    } else if (key === "deletedFile") {
      files.delete(path)
    } else if (key === "deletedFolder") {
      for (const name of files.keys()) if (name.startsWith(`${path.replace(/\/$/, "")}/`)) files.delete(name)
    }
  }
  const made = repository.commit(parts[2] ?? "main", title, files)
  const page = `${world.origins.hub}/${repository.type === "model" ? "" : `${repository.type}s/`}${repository.id}`
  sendJson(exchange, { success: true, commitOid: made.oid, commitUrl: `${page}/commit/${made.oid}`, hookOutput: "" })
}

function xetToken(world: World, exchange: Exchange, [kind = "", id = "", purpose = ""]: readonly string[]) {
  const type = types[kind] ?? "model"
  const repository = openRepository(world, exchange, type, id, purpose === "write" ? "write" : "read")
  if (repository === undefined) return
  // The JavaScript client reads the body, Python's the headers.
  const token = world.xet.token(world.origins.storage)
  sendJson(exchange, token, 200, world.xet.headersOf(token))
}

/** A small file itself; for a large one the way to the storage server, or to its chunks for those who ask. */
function resolve(world: World, exchange: Exchange, [kind = "", id = "", revision = "", path = ""]: readonly string[]) {
  const opened = openCommit(world, exchange, [kind, id, revision], "read")
  if (opened === undefined) return
  const { response, request, method } = exchange
  const { repository, commit: found } = opened
  const file = found.files.get(path)
  if (file === undefined) return sendError(exchange, 404, "Entry not found", "EntryNotFound")
  response.setHeader("x-repo-commit", found.oid)
  response.setHeader("accept-ranges", "bytes")
  if (file.lfs !== undefined) {
    const { oid, size } = file.lfs
    response.setHeader("x-linked-etag", `"${oid}"`)
    response.setHeader("x-linked-size", String(size))
    if (file.xetHash !== undefined) {
      const prefix = `${world.origins.hub}/api/${repository.type}s/${repository.id}`
      response.setHeader("x-xet-hash", file.xetHash)
      response.setHeader(
        "link",
        `<${prefix}/xet-read-token/${found.oid}>; rel="xet-auth", ` +
          `<${world.origins.storage}/v1/reconstructions/${file.xetHash}>; rel="xet-reconstruction-info"`,
      )
      if (request.headers.accept?.includes("application/vnd.xet-fileinfo+json") === true) {
        const body = JSON.stringify({ hash: file.xetHash })
        response.writeHead(200, { "content-type": "application/vnd.xet-fileinfo+json", etag: `"${oid}"` })
        return void response.end(method === "HEAD" ? undefined : body)
      }
    }
    const location = issueTicket(world, { kind: "get", oid, size })
    return void response.writeHead(302, { location, "content-length": "0" }).end()
  }
  const range = rangeOf(request.headers.range, file.size)
  if (range === "bad") return void response.writeHead(416, { "content-range": `bytes */${file.size}` }).end()
  const { start, end } = range ?? { start: 0, end: file.size - 1 }
  response.writeHead(range === undefined ? 200 : 206, {
    etag: `"${file.oid}"`,
    "content-type": "application/octet-stream",
    "content-length": String(end - start + 1),
    ...(range && { "content-range": `bytes ${start}-${end}/${file.size}` }),
  })
  if (method === "HEAD" || file.size === 0) return void response.end()
  world.blobs.read(file.oid, { start, end }).pipe(response)
}
