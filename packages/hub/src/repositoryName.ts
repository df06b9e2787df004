/** Names on the Hub and in its repositories, checked before anything is asked or written. */

import { HubError } from "./hubError.ts"

export type RepositoryType = "model" | "dataset"

export type Repository = { readonly type: RepositoryType; readonly id: string }

/** Neither "-" nor "." at either end, and neither of them twice in a row. */
const part = /^(?!.*(?:--|\.\.))\w(?:[\w.-]{0,94}\w)?$/
const commitHash = /^[0-9a-f]{40}$/

/** True for `owner/name` as the Hub allows it. */
export function isRepositoryId(text: string): boolean {
  const [owner, name, ...rest] = text.split("/")
  return owner !== undefined && name !== undefined && rest.length === 0 && part.test(owner) && isName(name)
}

function isName(name: string): boolean {
  return part.test(name) && !name.endsWith(".git")
}

/** @throws HubError where the id is not `owner/name`; a data set may have a bare name, as the oldest ones do */
export function checkRepository(repository: Repository): Repository {
  const { id, type } = repository
  if (isRepositoryId(id) || (type === "dataset" && isName(id))) return repository
  throw new HubError(
    "notFound",
    `${JSON.stringify(id)} is no name of a ${type === "dataset" ? "data set" : "model"} on the Hub; it has the form owner/name, of letters, digits, "-", "_" and ".".`,
  )
}

/** True for the 40 hexadecimal digits that name one commit for ever. */
export function isCommitHash(revision: string): boolean {
  return commitHash.test(revision)
}

/** @throws HubError for a branch, tag or commit that could not be one */
export function checkRevision(revision: string): string {
  if (/^(?!.*(?:\.\.|\/\/))[\w.+-]+(?:\/[\w.+-]+)*$/.test(revision) && revision.length <= 255) return revision
  throw new HubError("notFound", `${JSON.stringify(revision)} is no branch, tag or commit of the Hub.`)
}

/** True for a path that stays inside its repository on every system. */
export function isSafePath(path: string): boolean {
  if (path === "" || path.length > 1024 || /[\p{Cc}\\:]/u.test(path)) return false
  return path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..")
}

/** The path with each segment encoded, for an address. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/")
}

/** Page of a repository. */
export function pageOf(endpoint: string, { type, id }: Repository): string {
  return `${endpoint}/${type === "dataset" ? "datasets/" : ""}${id}`
}
