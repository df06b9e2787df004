/** Looks whether a result can be written before hours of work for it begin. */

import { mkdtempSync, rmdirSync, statSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { Sentence } from "./sentence.ts"

const reasons: Readonly<Record<string, string>> = {
  EACCES: "this account may not write there",
  EPERM: "this account may not write there",
  EROFS: "its disk is read-only",
  ENOENT: "the system keeps no files there",
  ENAMETOOLONG: "its name is too long",
}

const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "")

/**
 * @param path of a file or folder that is to be made, or of a folder that is there
 * @param elsewhere what to do about it, e.g. `choose another place with --out`
 * @throws Sentence where nothing can be made at `path`; it leaves nothing behind
 */
export function requireWritable(path: string, elsewhere: string): void {
  const refuse = (reason: string) => new Sentence(`${path} cannot be written, because ${reason}; ${elsewhere}.`)
  const whole = resolve(path)
  let folder = whole
  let found = lookAt(folder, refuse)
  while (found === undefined && folder !== dirname(folder)) {
    folder = dirname(folder)
    found = lookAt(folder, refuse)
  }
  if (found === "file" && folder !== whole) throw refuse(`${folder} is a file`)
  const place = found === "file" ? dirname(folder) : folder
  try {
    // Only trying tells of disks that are read-only and of systems of files that are none, and this ends at once: making
    // a folder with all that it lies in never does where nothing can be made in a folder that is there, as in /proc.
    rmdirSync(mkdtempSync(join(place, ".fjord-")))
  } catch (error) {
    const reason = reasons[codeOf(error)]
    if (reason === undefined) throw error
    throw refuse(`${reason} (${place})`)
  }
}

function lookAt(path: string, refuse: (reason: string) => Sentence): "file" | "folder" | undefined {
  try {
    return statSync(path).isDirectory() ? "folder" : "file"
  } catch (error) {
    const code = codeOf(error)
    if (code === "ENOENT" || code === "ENOTDIR") return undefined
    throw refuse(reasons[code] ?? `the system says ${code}`)
  }
}
