/** Generates the Prisma client and the Pothos types from prisma/schema.prisma when it has changed since the last time. */

import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url))
const hashFile = path("packages/db/generated/.schema-hash")

/** @param node the Node that runs Prisma. @returns whether the client is as the schema says. */
export function generateClient(node) {
  const hash = createHash("sha256")
  // The lock file names the versions of the generators.
  for (const file of ["prisma/schema.prisma", "package-lock.json"]) hash.update(readFileSync(path(file)))
  const wanted = hash.digest("hex")
  const generated = existsSync(hashFile) ? readFileSync(hashFile, "utf8") : ""
  if (generated === wanted && existsSync(path("packages/db/generated/pothos.ts"))) return true
  const bin = path("node_modules/.bin")
  const separator = process.platform === "win32" ? ";" : ":"
  const { status, stdout, stderr, error } = spawnSync(
    node,
    [path("node_modules/prisma/build/index.js"), "generate", "--no-hints"],
    { cwd: path("."), encoding: "utf8", env: { ...process.env, PATH: `${bin}${separator}${process.env.PATH}` } },
  )
  if (status !== 0) {
    console.error(`The Prisma client could not be generated: ${error?.message ?? stderr + stdout}`)
    return false
  }
  writeFileSync(hashFile, wanted)
  return true
}
