/** Repositories as the Hub keeps them: commits over files with git's names, large files by pointer. */

import { createHash } from "node:crypto"
import { type BlobStore, gitHash } from "./blobStore.ts"

export type RepositoryType = "model" | "dataset" | "space"

export type StoredFile = {
  readonly path: string
  readonly size: number
  /** git's name of the file, or of the pointer to it. */
  readonly oid: string
  readonly lfs?: { readonly oid: string; readonly size: number; readonly pointerSize: number }
  readonly xetHash?: string
}

export type Commit = {
  readonly oid: string
  readonly parent: string | undefined
  readonly title: string
  readonly date: string
  readonly files: ReadonlyMap<string, StoredFile>
}

/** What .gitattributes of a new repository sends to large file storage. */
const largeNames = /\.(safetensors|bin|ckpt|pt|pth|onnx|parquet|zip|arrow|npz|7z|gz|h5|msgpack|pb|tar|xz|zst)$/
const largeImages = /\.(png|jpe?g|webp|gif|bmp|tiff?)$/i

export class Repository {
  readonly type: RepositoryType
  readonly id: string
  readonly owner: string
  isPrivate: boolean
  /** Whether its conditions must be accepted before files can be read. */
  gated = false
  readonly accepted = new Set<string>()
  readonly branches = new Map<string, string>()
  readonly commits = new Map<string, Commit>()
  #clock = Date.UTC(2026, 0, 1)

  constructor(type: RepositoryType, id: string, isPrivate: boolean, blobs: BlobStore) {
    this.type = type
    this.id = id
    this.owner = id.split("/")[0] ?? ""
    this.isPrivate = isPrivate
    const attributes = new TextEncoder().encode("*.safetensors filter=lfs diff=lfs merge=lfs -text\n")
    this.commit(
      "main",
      "initial commit",
      new Map([[".gitattributes", storeSmall(blobs, ".gitattributes", attributes)]]),
    )
  }

  head(branch: string): Commit | undefined {
    return this.commits.get(this.branches.get(branch) ?? "")
  }

  /** A branch or a commit. */
  resolve(revision: string): Commit | undefined {
    return this.head(revision) ?? this.commits.get(revision)
  }

  commit(branch: string, title: string, files: ReadonlyMap<string, StoredFile>): Commit {
    const parent = this.branches.get(branch)
    this.#clock += 1000
    const date = new Date(this.#clock).toISOString()
    const listing = [...files.values()].map(({ path, oid }) => `${oid} ${path}`).join("\n")
    const oid = createHash("sha1").update(`${this.type}${this.id}${parent}${title}${date}${listing}`).digest("hex")
    const commit: Commit = { oid, parent, title, date, files }
    this.commits.set(oid, commit)
    this.branches.set(branch, oid)
    return commit
  }

  isLarge(path: string, size: number): boolean {
    return size > 10_000_000 || largeNames.test(path) || (this.type === "dataset" && largeImages.test(path))
  }

  mayRead(user: string | undefined): boolean {
    return !this.isPrivate || user === this.owner
  }
}

export function storeSmall(blobs: BlobStore, path: string, content: Uint8Array): StoredFile {
  const oid = gitHash(content)
  blobs.writeSmall(oid, content)
  return { path, size: content.length, oid }
}

/** A file as its name and size want it: in large file storage, or in git. */
export function storeFile(repository: Repository, blobs: BlobStore, path: string, content: Uint8Array): StoredFile {
  if (!repository.isLarge(path, content.length)) return storeSmall(blobs, path, content)
  const sha256 = createHash("sha256").update(content).digest("hex")
  blobs.writeSmall(sha256, content)
  return largeFile(path, sha256, content.length, undefined)
}

/** The file in a tree that stands for a large one. */
export function largeFile(path: string, sha256: string, size: number, xetHash: string | undefined): StoredFile {
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`
  const lfs = { oid: sha256, size, pointerSize: pointer.length }
  return { path, size, oid: gitHash(new TextEncoder().encode(pointer)), lfs, ...(xetHash && { xetHash }) }
}

/** Files and folders below a folder, folders before the files in them, as the tree endpoint lists them. */
export function listTree(commit: Commit, folder: string, recursive: boolean): object[] {
  const prefix = folder === "" ? "" : `${folder}/`
  const folders = new Set<string>()
  const rows: { path: string; row: object }[] = []
  const addFolder = (path: string) => {
    if (folders.has(path)) return
    folders.add(path)
    const oid = createHash("sha1").update(`tree ${path}`).digest("hex")
    rows.push({ path, row: { type: "directory", oid, size: 0, path } })
  }
  for (const file of commit.files.values()) {
    if (!file.path.startsWith(prefix)) continue
    const segments = file.path.slice(prefix.length).split("/")
    const depths = recursive ? segments.length - 1 : Math.min(1, segments.length - 1)
    for (let depth = 1; depth <= depths; depth += 1) addFolder(prefix + segments.slice(0, depth).join("/"))
    if (recursive || segments.length === 1) rows.push({ path: file.path, row: fileRow(file) })
  }
  return rows.sort((a, b) => (a.path < b.path ? -1 : 1)).map(({ row }) => row)
}

export function fileRow({ oid, size, path, lfs, xetHash }: StoredFile): object {
  return { type: "file", oid, size, path, ...(lfs && { lfs }), ...(xetHash && { xetHash }) }
}
