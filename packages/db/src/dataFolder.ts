/** The folder that FJORD_DATA names: made, and written to once, before anything relies on it. */

import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { Refusal } from "./refusal.ts"

/** @throws Refusal where it cannot be made or written to */
export function makeDataFolder(folder: string): void {
  try {
    make(resolve(folder))
    const probe = join(folder, `probe-${process.pid}`)
    try {
      // Permission bits do not tell of disks that are full or read-only, nor what root may do.
      writeFileSync(probe, "Can this folder be written to?")
    } finally {
      rmSync(probe, { force: true })
    }
  } catch (error) {
    throw new Refusal(
      `The folder ${folder} cannot be made or written to, ${reasonOf(error)}; set FJORD_DATA to one that can.`,
    )
  }
}

/** One by one: with `recursive` Node never ends where nothing can be made in a folder that is there, as in /proc. */
function make(folder: string): void {
  const parent = dirname(folder)
  if (!existsSync(parent) && parent !== folder) make(parent)
  if (!existsSync(folder)) mkdirSync(folder)
  else if (!statSync(folder).isDirectory()) throw Object.assign(new Error("a file"), { code: "ENOTDIR" })
}

const reasons: Readonly<Record<string, string>> = {
  ENOTDIR: "because it, or what it lies in, is a file",
  EACCES: "because this account may not",
  EPERM: "because this account may not",
  EROFS: "because its disk is read-only",
  ENOSPC: "because its disk is full",
  EDQUOT: "because this account has used up its share of the disk",
  ENOENT: "because the system keeps no folders there",
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : ""
  return reasons[code] ?? `as the system says (${error instanceof Error ? error.message : String(error)})`
}
