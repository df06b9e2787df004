/** Builds the dashboard when its sources have changed since the last build. */

import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url))
const folder = path("apps/dashboard")
const hashFile = join(folder, ".next/.source-hash")

function sourceHash(): string {
  const hash = createHash("sha256")
  const add = (file: string) => hash.update(file).update(readFileSync(file))
  for (const root of [join(folder, "src"), join(folder, "public"), path("packages/contracts/src")]) {
    if (!existsSync(root)) continue
    const entries = readdirSync(root, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    // Code generation writes some of its own input's neighbours.
    for (const file of files.filter((name) => !/[\\/]generated[\\/]/.test(name)).sort()) add(file)
  }
  const settings = ["next.config.ts", "codegen.ts"].map((name) => `apps/dashboard/${name}`)
  for (const file of ["apps/server/schema.graphql", "package-lock.json", ...settings])
    if (existsSync(path(file))) add(path(file))
  return hash.digest("hex")
}

/**
 * @param say tells that it takes a while
 * @param signal ends the build
 * @returns whether there is a dashboard to serve
 */
export async function buildDashboard(say: (sentence: string) => void, signal: AbortSignal): Promise<boolean> {
  if (!existsSync(join(folder, "src/app/layout.tsx"))) return false
  const hash = sourceHash()
  const built = existsSync(hashFile) ? readFileSync(hashFile, "utf8") : ""
  if (built === hash && existsSync(join(folder, ".next/BUILD_ID"))) return true
  say("Building the dashboard, a minute or more ...")
  const env = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" }
  const steps = [
    [path("node_modules/@graphql-codegen/cli/esm/bin.js"), "--config", "codegen.ts", "--silent"],
    [path("node_modules/next/dist/bin/next"), "build"],
  ]
  for (const step of steps) {
    const child = spawn(process.execPath, step, { cwd: folder, env, stdio: ["ignore", 2, 2] })
    const end = () => child.kill()
    signal.addEventListener("abort", end, { once: true })
    const status = await new Promise((resolve) => {
      child.once("exit", resolve)
      child.once("error", () => resolve(1))
    })
    signal.removeEventListener("abort", end)
    if (status !== 0) return false
  }
  writeFileSync(hashFile, hash)
  return true
}
