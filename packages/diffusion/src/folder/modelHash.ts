/** What a run was trained from: one hash over everything of a base model that changes results. */
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { mkdir, readdir, readFile, realpath, rename, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { pipeline } from "node:stream/promises"
import { isJsonObject } from "./json.ts"
import { type ModelFolder, weightedComponents } from "./modelFolder.ts"

/** sha256 of a file's bytes in hex, streamed. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash("sha256")
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest("hex")
}

/** Of one file its sha256; of several, that of their hashes in order. */
export async function filesSha256(paths: readonly string[]): Promise<string> {
  const hashes = await Promise.all(paths.map(fileSha256))
  const [only] = hashes
  return hashes.length === 1 && only !== undefined ? only : createHash("sha256").update(hashes.join("")).digest("hex")
}

const hashesOfThisProcess = new Map<string, string>()

async function readCache(cacheFile: string | undefined): Promise<void> {
  if (cacheFile === undefined) return
  try {
    const value: unknown = JSON.parse(await readFile(cacheFile, "utf8"))
    if (!isJsonObject(value)) return
    for (const [key, hash] of Object.entries(value)) {
      if (typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash)) hashesOfThisProcess.set(key, hash)
    }
  } catch {
    // A missing or broken cache only costs time.
  }
}

async function writeCache(cacheFile: string | undefined): Promise<void> {
  if (cacheFile === undefined) return
  await mkdir(dirname(cacheFile), { recursive: true })
  const temporary = `${cacheFile}.${process.pid}.partial`
  await writeFile(temporary, JSON.stringify(Object.fromEntries(hashesOfThisProcess)))
  await rename(temporary, cacheFile)
}

async function cachedSha256(path: string): Promise<string> {
  const real = await realpath(path)
  const { size, mtimeNs } = await stat(real, { bigint: true })
  const key = `${real}|${size}|${mtimeNs}`
  const known = hashesOfThisProcess.get(key)
  if (known !== undefined) return known
  const hash = await fileSha256(real)
  hashesOfThisProcess.set(key, hash)
  return hash
}

/** Names (component/file) and paths of all that the hash covers, sorted by name. */
async function hashedFiles(folder: ModelFolder): Promise<[string, string][]> {
  const files: [string, string][] = []
  for (const { name, directory, weightFiles } of weightedComponents(folder)) {
    files.push([`${name}/config.json`, join(directory, "config.json")])
    weightFiles.names.forEach((file) => {
      files.push([`${name}/${file}`, join(directory, file)])
    })
  }
  for (const directory of [folder.tokenizerDirectory, folder.tokenizer2Directory]) {
    if (directory === null) continue
    const name = directory === folder.tokenizerDirectory ? "tokenizer" : "tokenizer_2"
    for (const file of await readdir(directory)) {
      if (/\.(json|txt)$/.test(file)) files.push([`${name}/${file}`, join(directory, file)])
    }
  }
  files.push(["scheduler/scheduler_config.json", join(folder.directory, "scheduler", "scheduler_config.json")])
  return files.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/**
 * sha256 in hex over the names and bytes of all configurations, tokenizer files and weight files that are read.
 * It does not depend on where the folder lies or on how files are linked.
 * Hashes of files are remembered by real path, size and modification time: in this process, and across processes
 * where `cacheFile` is given.
 */
export async function modelHash(
  folder: ModelFolder,
  { cacheFile }: { readonly cacheFile?: string | undefined } = {},
): Promise<string> {
  await readCache(cacheFile)
  const hash = createHash("sha256")
  for (const [name, path] of await hashedFiles(folder)) hash.update(`${name}\0${await cachedSha256(path)}\n`)
  // A cache that cannot be written costs time, never the run.
  await writeCache(cacheFile).catch(() => {})
  return hash.digest("hex")
}
